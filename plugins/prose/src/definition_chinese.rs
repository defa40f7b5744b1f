//! Chinese sentences that say what something is.

use crate::definition::{Definition, last_clause};
use crate::sentences::without_end;

/// What stands between a term and its meaning; of two at one place the longer.
const VERBS: [&str; 9] = [
    "指的就是",
    "指的是",
    "是指",
    "定义为",
    "被称为",
    "意味着",
    "就是",
    "即为",
    "是",
];
/// What may stand before a term without belonging to it.
const LEAD_INS: [&str; 14] = [
    "所谓的",
    "所谓",
    "那么",
    "所以",
    "因此",
    "其中",
    "而",
    "则",
    "这里的",
    "此处的",
    "通常",
    "一般来说",
    "例如",
    "但",
];
/// A clause that begins so has no term, or only points at one.
const POINTERS: [&str; 33] = [
    "这", "那", "它", "他", "她", "我", "你", "此", "该", "其", "如果", "若", "因为", "虽然", "什么", "谁",
    "哪", "只要", "只有", "无论", "不管", "即使", "大家", "有", "还", "也", "都", "可", "不", "于", "要",
    "或", "为",
];
/// A copula after one of these belongs to another word, such as 不是 or 但是.
const ADVERBS: [char; 17] = [
    '不', '但', '可', '于', '还', '也', '都', '只', '总', '正', '要', '若', '或', '却', '又', '算', '凡',
];
/// A meaning that begins so denies, asks or gives a reason.
const NO_MEANINGS: [&str; 9] = ["否", "不", "因为", "由于", "为了", "什么", "如何", "怎", "谁"];
const MOST_TERM_CHARACTERS: usize = 20;

pub(crate) fn chinese_definition(sentence: &str) -> Option<Definition<'_>> {
    let (before, after) = split_at_verb(sentence).or_else(|| split_at_dash(sentence))?;
    let before = before.trim_end_matches(['，', ',', '：']);
    let term = bare_term(last_clause(before, &['，', ',', '；', '：', ':', '。']))?;
    let meaning = without_end(after);
    let says_it = meaning.chars().count() >= 2
        && !meaning.ends_with('的')
        && !NO_MEANINGS.iter().any(|start| meaning.starts_with(start));
    says_it.then_some(Definition {
        article: "",
        term,
        meaning,
        is_plural: false,
    })
}

fn split_at_verb(sentence: &str) -> Option<(&str, &str)> {
    let found = VERBS.iter().filter_map(|verb| Some((sentence.find(verb)?, verb)));
    let (at, verb) = found.min_by_key(|(at, verb)| (*at, usize::MAX - verb.len()))?;
    let (before, from) = sentence.split_at_checked(at)?;
    Some((before, from.strip_prefix(verb)?))
}

/// `X——…`, the dash of two strokes.
fn split_at_dash(sentence: &str) -> Option<(&str, &str)> {
    sentence.split_once("——").filter(|(term, _)| !term.contains('，'))
}

fn bare_term(clause: &str) -> Option<&str> {
    let lead_in = LEAD_INS.iter().find_map(|start| clause.strip_prefix(start));
    let term = lead_in.unwrap_or(clause).trim().trim_end_matches(['就', '即']);
    let term = term.trim_matches(['“', '”', '"', '「', '」']);
    let count = term.chars().count();
    let names = (1..=MOST_TERM_CHARACTERS).contains(&count)
        && term
            .chars()
            .all(|c| c.is_alphanumeric() || c.is_whitespace() || "（）()-·《》$".contains(c))
        && !term.ends_with(ADVERBS)
        && !POINTERS.iter().any(|start| term.starts_with(start))
        && !term.contains("什么");
    names.then_some(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(sentence: &str) -> Option<(&str, &str)> {
        chinese_definition(sentence).map(|d| (d.term, d.meaning))
    }

    #[test]
    fn definitions_are_seen() {
        assert_eq!(
            parts("逆否命题就是把原命题的条件和结论都取反。"),
            Some(("逆否命题", "把原命题的条件和结论都取反"))
        );
        assert_eq!(
            parts("在代数中，群是一种代数结构。"),
            Some(("群", "一种代数结构"))
        );
        assert_eq!(
            parts("所谓光合作用，是指植物制造养分"),
            Some(("光合作用", "植物制造养分"))
        );
        assert_eq!(
            parts("光合作用指的是植物制造养分"),
            Some(("光合作用", "植物制造养分"))
        );
        assert_eq!(
            parts("质数——只有两个因数的数"),
            Some(("质数", "只有两个因数的数"))
        );
        assert_eq!(parts("Transformer 是一种模型"), Some(("Transformer", "一种模型")));
    }

    #[test]
    fn remarks_are_not() {
        for sentence in [
            "这是一本书。",
            "如果原命题是'若p则q'，则停。",
            "这两个命题的真假性是完全一样的。",
            "但是我不同意。",
            "他不是老师。",
            "天气是好的",
            "原因是因为下雨",
            "是",
            "",
        ] {
            assert_eq!(parts(sentence), None, "{sentence}");
        }
    }
}
