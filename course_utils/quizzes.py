"""The three questions at the end of a notebook, with an answer to each choice."""

from dataclasses import dataclass

from course_utils.errors import CourseError

LETTERS = "abc"


@dataclass(frozen=True)
class Question:
    """A question with three choices; each choice has a reply, right or wrong."""

    text: str
    choices: tuple
    replies: tuple
    right: str

    def reply(self, letter: str) -> str:
        """What to say to somebody who has chosen this letter."""
        mark = "✔" if letter == self.right else "✘"
        return f"{mark} {self.replies[LETTERS.index(letter)]}"


QUIZZES = {
    "01": (
        Question(
            "With 4 labels per topic the frozen encoder is as good as TF-IDF with about 80. What "
            "follows?",
            (
                "The encoder needs about twenty times fewer labels, for these headlines.",
                "The encoder is twenty times as accurate.",
                "Any task needs twenty times fewer labels with an encoder.",
            ),
            (
                "You read the curve sideways, and for the task that was measured.",
                "You compared heights. The factor lies between two sizes with the same accuracy.",
                "It was measured for headlines. For whole articles the factor was below 4.",
            ),
            "a",
        ),
        Question(
            "Why did the frozen encoder help less with film reviews than with topics?",
            (
                "Reviews are shorter than headlines.",
                "It was trained to put texts about the same thing together, whatever they say "
                "of it.",
                "Logistic regression cannot learn two classes.",
            ),
            (
                "They are longer. Think of which of three sentences was nearest to 'great'.",
                "So praise and blame of one film lie close together.",
                "It can: the same method learned both tasks.",
            ),
            "b",
        ),
        Question(
            "When is TF-IDF the better choice?",
            (
                "Never: it is an old method.",
                "When labels are few and texts short.",
                "When texts are long, labels many, and a result is wanted in seconds.",
            ),
            (
                "On whole articles with all labels nobody could tell the two apart, and nobody had "
                "to pre-train it.",
                "That is where transfer saved most labels.",
                "And you know only if you measure it: that is what a baseline is for.",
            ),
            "c",
        ),
    ),
    "02": (
        Question(
            "You load a checkpoint as a classifier. Which weights are random?",
            ("Those of the head.", "All of them.", "None: they come from the file."),
            (
                "The file has no head for your labels.",
                "Only a scratch twin is all random. Here the body is copied.",
                "The load report calls the head 'missing': the file does not have it.",
            ),
            "a",
        ),
        Question(
            "What does a frozen weight have after a backward pass?",
            ("A gradient of zero.", "No gradient.", "A small gradient that is not used."),
            (
                "Zero would be a number. Its gradient is None: nothing was computed.",
                "None at all, so the optimizer skips it, and time is saved.",
                "Nothing is computed for it, and that is what saves time.",
            ),
            "b",
        ),
        Question(
            "You made the optimizer while the body was frozen, with the head's weights only. Now "
            "you unfreeze. What is trained?",
            ("Everything.", "Nothing.", "The head only."),
            (
                "The body gets gradients now, but this optimizer does not know its weights.",
                "The head is still in the optimizer.",
                "The optimizer moves what it was given. Make a new one after you unfreeze.",
            ),
            "c",
        ),
    ),
    "03": (
        Question(
            "'We walked to the bank to swim.' Which words shape BERT's vector of 'bank'?",
            ("Those before it.", "Those before and after it.", "None: a word has one vector."),
            (
                "That would be a reader from left to right. BERT is bidirectional.",
                "So 'swim' makes it a river bank.",
                "Only its row in the table is. Its place in the text is added, and the layers "
                "look around.",
            ),
            "b",
        ),
        Question(
            "Why does a model learn from gaps that nobody has labelled?",
            (
                "The hidden word itself is the label.",
                "It looks the word up on the web.",
                "It has seen each sentence before.",
            ),
            (
                "That is why any text will do, and why so much of it can be used.",
                "It has nothing but its weights.",
                "We tested it on reviews that it had not seen.",
            ),
            "a",
        ),
        Question(
            "Two runs of the gap game: one starts pre-trained, one random, with the same text. "
            "What did we see?",
            (
                "Both learned equally fast.",
                "The random one was better in the end.",
                "After a short while, the pre-trained one was far ahead.",
            ),
            (
                "Only for the first 50,000 tokens. Look at the rest of the curves.",
                "It was still far behind when it was stopped.",
                "That is transfer, seen in language modelling.",
            ),
            "c",
        ),
    ),
    "04": (
        Question(
            "A word is not in the vocabulary. What does WordPiece do?",
            ("It stops with an error.", "It cuts the word into pieces.", "It leaves the word out."),
            (
                "It has an answer for any text.",
                "The longest piece first; ## marks what goes on.",
                "Nothing is left out; what has no pieces becomes [UNK].",
            ),
            "b",
        ),
        Question(
            "You forget the attention mask. What happens?",
            (
                "Nothing: [PAD] means nothing.",
                "Python raises an error.",
                "Short texts of a batch get other logits, without a warning.",
            ),
            (
                "To the model, [PAD] is a token like others, unless the mask hides it.",
                "If only it did! The fault is silent.",
                "And the longest text of the batch stays right, so it is easy to overlook.",
            ),
            "c",
        ),
        Question(
            "Why do batches of similar length save time?",
            (
                "They hold less padding.",
                "They hold fewer texts.",
                "Short texts are left out.",
            ),
            (
                "The model computes every position, padding too.",
                "There are as many texts in each.",
                "Every text is read, once per epoch.",
            ),
            "a",
        ),
    ),
    "05": (
        Question(
            "Bring the four moves of a training step into order.",
            (
                "forward, backward, step, zero_grad",
                "forward, step, backward, zero_grad",
                "backward, forward, zero_grad, step",
            ),
            (
                "Loss, gradients, move the weights, forget the gradients.",
                "A step before the backward pass uses old gradients, or none.",
                "A backward pass needs a loss, and the loss comes from a forward pass.",
            ),
            "a",
        ),
        Question(
            "The same sentence gets another answer each time. What was forgotten?",
            ("model.to(device)", "optimizer.step()", "model.eval()"),
            (
                "That would be an error, not another answer.",
                "Then nothing would be learned, but the answer would stay.",
                "Dropout is still on, and drops other neurons each time.",
            ),
            "c",
        ),
        Question(
            "With one seed, a trick gains half a point. What do you do?",
            (
                "Keep it: half a point is half a point.",
                "Try several seeds with it and without it.",
                "Try seeds until the gain is larger, and report that one.",
            ),
            (
                "Ten seeds of one recipe were more than three points apart.",
                "Only then do you know whether the trick or the seed did it.",
                "That is choosing your luck, and it will not come back.",
            ),
            "b",
        ),
    ),
    "06": (
        Question(
            "A model is right on 4 of 4 sentences. What do you know?",
            (
                "Its true accuracy may still be near 50 %.",
                "Its true accuracy is 100 %.",
                "Its true accuracy is above 90 %.",
            ),
            (
                "A coin does that once in 16 tries.",
                "On these four. The interval goes down to about 50 %.",
                "With four texts, the interval goes down to about 50 %.",
            ),
            "a",
        ),
        Question(
            "You raise the threshold for positive from 0.5 to 0.8. What grows?",
            ("The recall of positive.", "The precision of positive, as a rule.", "Both."),
            (
                "Fewer texts are called positive, so fewer of the positive ones are found.",
                "The texts that are still called positive are the surer ones.",
                "What one gains, the other pays for.",
            ),
            "b",
        ),
        Question(
            "You compare ten recipes on the test set, and report the best. What is wrong?",
            (
                "Nothing, all ten had the same test set.",
                "Ten are too few.",
                "The best of ten was also lucky on these texts: choose on validation.",
            ),
            (
                "The best of them was chosen because of these texts.",
                "With more, the luck of the best one grows.",
                "Then report test once, for the one that you chose.",
            ),
            "c",
        ),
    ),
    "07": (
        Question(
            "One topic is rare: 1 text in 100 has it. The model never gives this answer. Which "
            "number shows that?",
            ("Accuracy.", "Macro F1.", "The loss of the last step."),
            (
                "It loses one point at most.",
                "Each topic counts the same, and this one has an F1 of zero.",
                "It is the loss of one batch, and tells no topic from another.",
            ),
            "b",
        ),
        Question(
            "Your test part holds 18 texts, and 16 are right. What do you report?",
            (
                "88.9 %, and that the interval is wide.",
                "88.9 %.",
                "About 89 %, so better than last year's 85 %.",
            ),
            (
                "It goes from about 67 to 97 %.",
                "One more mistake would move it by more than five points: give the interval.",
                "With 18 texts nobody can see such a difference.",
            ),
            "a",
        ),
        Question(
            "What belongs on a model card?",
            (
                "The best result of all runs.",
                "The code.",
                "What it is for, what it is not for, and how sure you are.",
            ),
            (
                "A card gives the result that users will get, with its interval.",
                "The card is for people who will not read the code.",
                "It is written for those who were not there.",
            ),
            "c",
        ),
    ),
    "08": (
        Question(
            "A token gets half of all attention in a layer. What follows?",
            (
                "It is the reason for the answer.",
                "Much of what the tokens collect comes from that position.",
                "The model looks at nothing else.",
            ),
            (
                "[CLS] gets about as much, over all reviews. It cannot explain one of them.",
                "Whether the answer hangs on it, only a change can show.",
                "The other half goes elsewhere.",
            ),
            "b",
        ),
        Question(
            "A probe reads the topic from layer 6 of a model for verdicts. What follows?",
            (
                "Layer 6 holds the topic in a form that is easy to read.",
                "The model uses the topic for its verdict.",
                "The model was trained on topics.",
            ),
            (
                "Yes. Compare it with the embeddings alone, and look at the control.",
                "Holding is not using. Change the topic and see whether the verdict changes.",
                "It was not. It had learned to tell topics apart before.",
            ),
            "a",
        ),
        Question(
            "An explanation looks the same when all weights are random. What do you think of it?",
            (
                "It is robust.",
                "It needs more steps.",
                "It explains the text, not the model.",
            ),
            (
                "It does not depend on what the model has learned: that is no virtue here.",
                "More steps make it exact, not true.",
                "What does not depend on the weights cannot say what they do.",
            ),
            "c",
        ),
    ),
}


def quiz_of(lesson: str) -> tuple:
    """The questions of a notebook.

    Args:
        lesson: its number, such as "05".

    Raises:
        CourseError: if it has none.
    """
    if str(lesson).zfill(2) not in QUIZZES:
        raise CourseError(
            f"There is no quiz {lesson!r}; expected one of {', '.join(sorted(QUIZZES))}."
        )
    return QUIZZES[str(lesson).zfill(2)]


def grade_quiz(lesson: str, answers: str) -> None:
    """Print the replies to your answers: the quiz without a mouse, and without widgets.

    Args:
        lesson: see `quiz_of`.
        answers: one letter for each question, for instance "bac"; "?" leaves one out.

    Raises:
        CourseError: if there is no such quiz, or an answer is no letter of it.
    """
    questions = quiz_of(lesson)
    given = str(answers).strip().lower()
    if len(given) != len(questions) or not set(given) <= set(f"{LETTERS}?"):
        raise CourseError(
            f"answers={answers!r}: expected {len(questions)} letters from a to {LETTERS[-1]}, "
            'such as "bac"; "?" leaves a question out.'
        )
    for number, (question, letter) in enumerate(zip(questions, given, strict=True), start=1):
        print(f"{number}. " + ("open" if letter == "?" else question.reply(letter)))
    right = sum(q.right == letter for q, letter in zip(questions, given, strict=True))
    print(f"Right: {right} of {len(questions)}.")
