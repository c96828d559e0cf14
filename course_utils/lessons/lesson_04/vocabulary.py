"""A vocabulary of one's own: pieces of words, found by counting."""

from course_utils.data.texts import check_texts
from course_utils.errors import DataError


def learn_vocabulary(texts, size: int):
    """A WordPiece tokenizer whose vocabulary is learned from these texts.

    It begins with [UNK] and with single letters: as the start of a word, and with ## inside one.
    Then the two neighbours that stand together most often become one new piece, again and again.
    To cut a word, the tokenizer then takes the longest piece of the list, from the left.

    Args:
        texts: a list of strings.
        size: entries of the vocabulary; fewer if the texts hold no more pairs.

    Returns:
        A tokenizer of transformers. `convert_ids_to_tokens(range(size))` gives its pieces in the
        order in which they were made.

    Raises:
        DataError: if `size` is no whole number, or too small for the letters of these texts.

    Source: the trainer of the library `tokenizers`, which joins the most frequent pair, as
    byte-pair encoding does: Sennrich, Haddow and Birch (2016), Neural Machine Translation of Rare
    Words with Subword Units, ACL 2016.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    texts = check_texts(texts)
    cutter = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    cutter.normalizer = normalizers.BertNormalizer()  # lower case, no accents
    cutter.pre_tokenizer = pre_tokenizers.BertPreTokenizer()  # splits into words and signs
    signs = set("".join(cutter.normalizer.normalize_str("".join(texts)).split()))
    letters = ["##" + sign for sign in sorted(signs) if sign.isalnum()]
    least = 1 + len(letters) + len(signs)
    if type(size) is not int or size < least:
        raise DataError(
            f"size={size!r}: expected a whole number from {least} on, so that each letter of these "
            "texts has its place, and each sign."
        )
    # The first entries in a fixed order, so that the result is the same in every run.
    first = ["[UNK]", *letters]
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=first, show_progress=False)
    cutter.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=cutter, unk_token="[UNK]")
