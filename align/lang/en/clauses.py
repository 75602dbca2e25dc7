"""English: where clauses and phrases begin."""

CLAUSE, PHRASE = 2, 1

# Words that open a clause, or join one.
_CLAUSES = frozenset(
    ["who", "whom", "whose", "which", "that", "while", "whereas", "after", "before", "as", "when", "whenever", "where", "wherever", "because", "since", "although", "though", "if", "unless", "until", "till", "once", "so", "but", "nor", "yet", "and", "or", "including", "citing", "adding", "saying", "noting", "leaving", "making", "according", "despite", "amid", "following", "given", "whether", "why", "how", "than"]
)
# Words that open a phrase.
_PHRASES = frozenset(
    ["in", "on", "at", "by", "for", "from", "with", "without", "within", "into", "onto", "of", "off", "over", "under", "near", "beside", "besides", "between", "among", "through", "during", "against", "toward", "towards", "to", "about", "above", "below", "across", "along", "around", "behind", "beyond", "despite", "except", "inside", "outside", "per", "since", "throughout", "upon", "via", "versus", "like", "unlike", "such", "especially", "particularly", "mainly", "notably", "not", "also", "still", "just", "both", "either", "neither", "plus", "now", "then", "later", "earlier", "currently", "formerly"]
)
# Words that carry grammar rather than content.
FUNCTION = frozenset(
    ["a", "an", "the", "this", "that", "these", "those", "it", "its", "he", "him", "his", "she", "her", "hers", "they", "them", "their", "theirs", "we", "us", "our", "ours", "you", "your", "yours", "i", "me", "my", "mine", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "doing", "done", "has", "have", "had", "having", "will", "would", "shall", "should", "can", "could", "may", "might", "must", "not", "no", "nor", "and", "or", "but", "if", "than", "then", "so", "as", "of", "in", "on", "at", "by", "for", "from", "with", "to", "into", "onto", "up", "down", "out", "off", "over", "under", "about", "through", "during", "against", "between", "among", "before", "after", "while", "since", "until", "because", "although", "though", "whether", "which", "who", "whom", "whose", "what", "when", "where", "why", "how", "there", "here", "also", "too", "very", "just", "only", "even", "still", "both", "either", "neither", "such", "any", "some", "all", "each", "every", "other", "another", "more", "most", "much", "many", "own", "same", "s", "t", "d", "ll", "m", "re", "ve", "one", "ones", "himself", "herself", "itself", "themselves", "according", "said", "says", "say"]
)


def opens(word: str) -> int:
    """How strongly a lower-case word begins something that can be left out: 2 a clause, 1 a phrase, 0 not."""
    if word in _CLAUSES:
        return CLAUSE
    if word in _PHRASES:
        return PHRASE
    return PHRASE if len(word) > 5 and word.endswith("ing") else 0


def is_function(word: str) -> bool:
    """Whether a lower-case word carries grammar rather than content."""
    return word in FUNCTION
