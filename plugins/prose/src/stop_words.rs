//! English words that carry a sentence and not its subject.

/// Sorted, in lower case. The common core of the usual lists (function words,
/// auxiliaries, the vaguest verbs), with the words of definitions and lists that
/// every study note is full of.
#[rustfmt::skip] // One word a line would be hundreds of lines.
const STOP_WORDS: &[&str] = &[
    "a", "about", "above", "after", "again", "against", "all", "almost", "along", "already",
    "also", "although", "always", "am", "among", "an", "and", "another", "any", "anyone",
    "anything", "are", "aren't", "around", "as", "ask", "at", "away", "back", "be", "became",
    "because", "become", "been", "before", "being", "below", "between", "both", "but", "by",
    "called", "came", "can", "can't", "cannot", "come", "consist", "consists", "contain",
    "contains", "could", "couldn't", "denote", "denotes", "did", "didn't", "differ", "difference",
    "different", "differs", "do", "does", "doesn't", "doing", "don't", "done", "down", "during",
    "each", "either", "else", "enough", "etc", "even", "ever", "every", "everyone", "everything",
    "example", "false", "few", "first", "for", "from", "further", "gave", "get", "give", "given",
    "go", "goes", "going", "got", "had", "happen", "happened", "happens", "has", "hasn't", "have",
    "haven't", "having", "he", "her", "here", "hers", "herself", "him", "himself", "his", "how",
    "however", "i", "if", "in", "include", "includes", "including", "into", "is", "isn't", "it",
    "it's", "its", "itself", "just", "keep", "kept", "know", "known", "last", "least", "less",
    "let", "let's", "like", "likely", "made", "make", "makes", "many", "may", "maybe", "me",
    "mean", "means", "meant", "might", "mine", "more", "most", "mostly", "much", "must", "my",
    "myself", "need", "needs", "neither", "never", "next", "no", "nobody", "none", "nor", "not",
    "nothing", "now", "of", "off", "often", "on", "once", "one", "ones", "only", "onto", "or",
    "other", "others", "our", "ours", "out", "over", "own", "per", "perhaps", "please", "put",
    "quite", "rather", "really", "refer", "refers", "said", "same", "say", "says", "see", "seem",
    "seems", "seen", "several", "shall", "she", "should", "shouldn't", "show", "shown", "shows",
    "since", "so", "some", "someone", "something", "sometimes", "soon", "still", "such", "take",
    "taken", "takes", "than", "that", "that's", "the", "their", "theirs", "them", "themselves",
    "then", "there", "therefore", "these", "they", "they're", "thing", "things", "this", "those",
    "though", "three", "through", "thus", "to", "together", "too", "took", "toward", "towards",
    "true", "two", "under", "until", "up", "upon", "us", "use", "used", "uses", "using",
    "usually", "very", "via", "want", "wants", "was", "wasn't", "way", "ways", "we", "well",
    "went", "were", "weren't", "what", "when", "where", "whereas", "whether", "which", "while",
    "who", "whole", "whom", "whose", "why", "will", "with", "within", "without", "won't", "would",
    "wouldn't", "yes", "yet", "you", "you're", "your", "yours", "yourself",
];

/// Whether a word can be no part of a key phrase: a stop word, a number, a
/// single letter.
pub(crate) fn is_stop_word(lower: &str) -> bool {
    let number = lower.chars().all(|c| c.is_numeric() || c == '-');
    let letter = lower.chars().nth(1).is_none();
    let plain = lower.replace('’', "'");
    number || letter || STOP_WORDS.binary_search(&plain.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn numbers_and_letters_stop_too() {
        for word in ["the", "don’t", "42", "p", "1990-1995"] {
            assert!(is_stop_word(word), "{word}");
        }
        assert!(!is_stop_word("dna") && !is_stop_word("3d"));
    }
}
