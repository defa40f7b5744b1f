//! Chinese words that carry a sentence and not its subject.

/// Sorted. Particles, pronouns, conjunctions, auxiliaries and the vaguest verbs.
#[rustfmt::skip] // One word a line would be hundreds of lines.
const FUNCTION_WORDS: &[&str] = &[
    "一个", "一些", "一定", "一样", "一点", "一直", "一种", "一般", "一起", "不", "不仅", "不会",
    "不但", "不同", "不是", "不管", "不能", "不论", "不过", "与", "且", "为", "为了", "为什么",
    "主要", "之", "之前", "之后", "之间", "也", "也就是说", "也是", "了", "于", "于是", "什么",
    "从", "从而", "他", "他们", "以", "以上", "以下", "以便", "以前", "以及", "以后", "们",
    "任何", "会", "但", "但是", "作为", "你", "你们", "使", "使用", "例如", "做", "关于",
    "关系到", "其", "其中", "其他", "其它", "其次", "具有", "则", "利用", "到", "包含", "包括",
    "十分", "即", "即使", "又", "及", "及其", "另外", "只是", "只有", "只要", "叫做", "可以",
    "可能", "各", "各种", "同时", "同样", "吗", "否则", "吧", "呢", "和", "哪个", "哪些", "哪里",
    "啊", "因", "因为", "因此", "因而", "在", "多少", "大家", "大量", "她", "她们", "如", "如何",
    "如果", "它", "它们", "完全", "定义为", "对于", "将", "将会", "就", "就是", "尽管", "属于",
    "已经", "并", "并且", "应当", "应该", "当", "往往", "很", "很多", "得到", "必须", "怎么",
    "怎样", "总之", "总是", "想", "意味着", "成为", "我", "我们", "或", "或者", "所", "所以",
    "所有", "把", "拥有", "指的是", "按照", "换句话说", "无", "无论", "既然", "时", "时候", "是",
    "是指", "更", "更加", "曾经", "最", "最后", "有", "有些", "有时", "有的", "来自", "某",
    "根据", "正在", "此", "此外", "每", "每个", "比如", "比方", "比较", "没有", "然后", "然而",
    "特别", "现在", "用于", "用来", "由", "由于", "的", "的话", "相当", "看", "知道", "称为",
    "第一", "第三", "第二", "等等", "经常", "而", "而且", "而是", "能", "能够", "自己", "至于",
    "若", "虽然", "表明", "表示", "被", "觉得", "譬如", "认为", "让", "许多", "该", "说", "说明",
    "请", "达到", "还", "还是", "还有", "这", "这个", "这些", "这样", "这种", "这里", "进行",
    "通常", "通过", "那", "那个", "那些", "那样", "那种", "那里", "都", "都是", "问题是", "除了",
    "除非", "需要", "非常", "首先",
];

/// Sorted. Words of content that begin with, hold or end with one of the
/// function words and must not be cut there.
#[rustfmt::skip] // One word a line would be hundreds of lines.
const CONTENT_WORDS: &[&str] = &[
    "不变量", "不定", "不确定", "不等式", "与非", "且非", "之一", "了解", "从容", "从属", "他者",
    "以太", "会计", "会议", "位于", "使命", "假想", "做法", "共和", "其实质", "内在", "准则",
    "到达", "功能", "动能", "势能", "协会", "即时", "历时", "原则", "原因", "参与", "又称",
    "各向", "合并", "和谐", "因子", "因式", "因果", "因素", "场所", "基因", "外在", "大于",
    "大使", "天使", "如来", "存在", "学说", "守则", "实时", "将军", "小于", "小说", "就业",
    "并发", "并行", "并集", "归还", "当代", "当量", "很大", "思想", "性能", "总和", "想法",
    "成就", "我国", "或然", "所得", "把手", "把握", "无机", "无理数", "无穷", "无线", "无限",
    "时代", "时刻", "时期", "时间", "是非", "普及", "智能", "更改", "更新", "最优", "最值",
    "最大", "最小", "有序", "有效", "有机", "有理数", "有限", "服从", "机会", "极其", "标的",
    "此刻", "每日", "法则", "潜在", "热能", "猜想", "理想", "理由", "由来", "申请", "电能",
    "目的", "相当于", "看法", "社会", "立即", "等于", "而立", "联想", "能力", "能源", "能量",
    "自我", "自由", "若干", "行为", "被动", "规则", "该死", "诱因", "说法", "请求", "还原",
    "都市", "饱和", "首都",
];

const LONGEST: usize = 4;

/// The pieces of a Chinese run between its function words.
///
/// At each place the longest word of either list wins, as in forward maximum
/// matching, the oldest way to segment Chinese.
pub(crate) fn segments(run: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < run.len() {
        let (length, is_function) = longest_word(run.get(at..).unwrap_or_default());
        if is_function {
            found.extend(run.get(start..at).filter(|piece| !piece.is_empty()));
            start = at + length;
        }
        at += length;
    }
    found.extend(run.get(start..).filter(|piece| !piece.is_empty()));
    found
}

/// The length of the longest listed word at the start, and whether it is a
/// function word; one character if none is listed.
fn longest_word(text: &str) -> (usize, bool) {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST);
    let mut longest = (text.chars().next().map_or(1, char::len_utf8), false);
    for end in ends {
        let word = text.get(..end).unwrap_or_default();
        if CONTENT_WORDS.binary_search(&word).is_ok() {
            longest = (end, false);
        } else if FUNCTION_WORDS.binary_search(&word).is_ok() {
            longest = (end, true);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_disjoint() {
        assert!(FUNCTION_WORDS.is_sorted() && CONTENT_WORDS.is_sorted());
        assert!(CONTENT_WORDS.iter().all(|word| !FUNCTION_WORDS.contains(word)));
        let mut words = FUNCTION_WORDS.iter().chain(CONTENT_WORDS);
        assert!(words.all(|word| word.chars().count() <= LONGEST));
    }

    #[test]
    fn function_words_cut() {
        assert_eq!(segments("什么是逆否命题"), ["逆否命题"]);
        assert_eq!(segments("逆否命题与原命题等价"), ["逆否命题", "原命题等价"]);
        assert_eq!(segments("因为所以"), [""; 0]);
    }

    #[test]
    fn content_words_are_whole() {
        assert_eq!(segments("存在的目的"), ["存在", "目的"]);
        assert_eq!(segments("社会原则"), ["社会原则"]);
    }
}
