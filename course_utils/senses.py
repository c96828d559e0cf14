"""Ten sentences each for words with two senses, five for each sense: our own, for notebook 03.

They were written before anything was measured with them, and none was left out afterwards.
"""

SENSES = {
    # two different things with one name
    "bank": {
        "money": (
            "She opened an account at the bank.",
            "The bank raised its interest rates again.",
            "He works as a clerk in a bank.",
            "My bank charges a fee for every card.",
            "They asked the bank for a loan.",
        ),
        "river": (
            "We sat on the bank and watched the boats.",
            "The bank of the river was muddy.",
            "Reeds grow along the bank of the stream.",
            "He pulled the canoe onto the bank.",
            "The flood washed away part of the bank.",
        ),
    },
    "bat": {
        "animal": (
            "A bat flew out of the cave at night.",
            "The bat sleeps hanging upside down.",
            "A bat catches insects in the dark.",
            "We saw a bat under the roof of the barn.",
            "The wings of the bat are thin skin.",
        ),
        "sport": (
            "He swung the bat and hit the ball.",
            "She bought a new baseball bat.",
            "The bat broke when he struck the ball.",
            "Hold the bat with both hands.",
            "The player dropped his bat and ran.",
        ),
    },
    "cold": {
        "temperature": (
            "The soup was cold when it came.",
            "It is too cold to swim in the lake.",
            "Wear a coat, the wind is cold.",
            "The water in the shower is cold again.",
            "January was cold and dark.",
        ),
        "illness": (
            "She stayed in bed with a cold.",
            "I caught a cold from my brother.",
            "A cold usually lasts a week.",
            "He has a cold and a sore throat.",
            "Take some tea for your cold.",
        ),
    },
    "date": {
        "day": (
            "What is the date of the meeting?",
            "Write the date at the top of the letter.",
            "The date of the exam was changed.",
            "Please give your date of birth.",
            "No date has been set for the trial.",
        ),
        "fruit": (
            "A date is sweet and sticky.",
            "She ate a dried date with her tea.",
            "He put a date and some nuts into the cake.",
            "The date grows on a palm.",
            "I prefer a fig to a date.",
        ),
    },
    "fan": {
        "person": (
            "He is a fan of the team.",
            "A fan asked her for an autograph.",
            "Every fan knows the song.",
            "She has been a fan since she was a child.",
            "The fan waved a flag at the game.",
        ),
        "machine": (
            "The fan on the ceiling cools the room.",
            "Turn on the fan, it is hot.",
            "The fan of my computer is loud.",
            "A fan blew the papers off the desk.",
            "He bought an electric fan.",
        ),
    },
    "light": {
        "brightness": (
            "Turn on the light, please.",
            "The light of the lamp was yellow.",
            "There was no light in the tunnel.",
            "Plants need water and light.",
            "A light shone from the window.",
        ),
        "weight": (
            "The suitcase is light and easy to carry.",
            "She packed a light jacket.",
            "A feather is very light.",
            "The new bicycle is light.",
            "We had a light lunch.",
        ),
    },
    "match": {
        "game": (
            "They won the match in extra time.",
            "The match was cancelled because of rain.",
            "She watched the tennis match.",
            "It was the best match of the season.",
            "He scored twice in the match.",
        ),
        "fire": (
            "He lit the candle with a match.",
            "Strike a match and hold it to the paper.",
            "The match burned his fingers.",
            "She found one match in the box.",
            "A wet match will not burn.",
        ),
    },
    "mouse": {
        "animal": (
            "The cat chased a mouse.",
            "A mouse ate the cheese in the kitchen.",
            "The owl caught a small mouse.",
            "A mouse ran across the floor.",
            "The mouse hid in its hole.",
        ),
        "computer": (
            "Click the left button of the mouse.",
            "My mouse and keyboard are wireless.",
            "Move the mouse to the icon.",
            "The mouse needs a new battery.",
            "He plugged the mouse into his laptop.",
        ),
    },
    "plant": {
        "green": (
            "Water the plant every day.",
            "The plant has yellow leaves.",
            "A plant needs light.",
            "She put the plant in a bigger pot.",
            "This plant grows in the desert.",
        ),
        "factory": (
            "The plant makes engines for cars.",
            "Workers at the plant went on strike.",
            "The plant was closed and sold.",
            "A new chemical plant opened in the town.",
            "The plant employs two hundred people.",
        ),
    },
    "right": {
        "direction": (
            "Turn right at the corner.",
            "The shop is on the right.",
            "He raised his right hand.",
            "Look left, then right.",
            "The right wing was damaged.",
        ),
        "correct": (
            "Your answer is right.",
            "You were right about the price.",
            "That is not the right word.",
            "She gave the right solution.",
            "Is this the right way to spell it?",
        ),
    },
    "run": {
        "legs": (
            "I run five miles every day.",
            "She can run faster than me.",
            "They run in the park.",
            "The children run to the door.",
            "We had to run for the bus.",
        ),
        "manage": (
            "They run a small hotel.",
            "Who will run the company?",
            "She was chosen to run the school.",
            "My parents run a bakery.",
            "It is hard to run a city.",
        ),
    },
    "spring": {
        "season": (
            "The trees are green in spring.",
            "Last spring was warm and dry.",
            "We plant the beans in spring.",
            "The birds come back every spring.",
            "After the winter comes spring.",
        ),
        "metal": (
            "The spring in the mattress is broken.",
            "A spring pushes the door shut.",
            "He replaced the spring of the clock.",
            "The spring stretches when you hang a weight on it.",
            "Each pen holds a tiny spring.",
        ),
    },
    "star": {
        "sky": (
            "The star is four light years away.",
            "A star shone above the hills.",
            "Which star is nearest to our sun?",
            "The telescope found a new star.",
            "Every star burns hydrogen.",
        ),
        "person": (
            "The star of the film refused to give interviews.",
            "She became a star after her first song.",
            "Fans waited for the star outside the theatre.",
            "He plays a fading pop star.",
            "The young star won an award for her role.",
        ),
    },
    # two sides of one thing
    "book": {
        "object": (
            "The book is heavy.",
            "He put the book on the shelf.",
            "The book fell into the water.",
            "The cover of the book is torn.",
            "She threw the book at him.",
        ),
        "content": (
            "The book is boring.",
            "He understood the book.",
            "The book tells the story of a doctor.",
            "Critics praised the book.",
            "The book was translated into French.",
        ),
    },
    "chicken": {
        "animal": (
            "The chicken laid an egg.",
            "A chicken ran across the yard.",
            "The fox killed a chicken.",
            "The chicken pecked at the corn.",
            "Our chicken sleeps in the barn.",
        ),
        "meat": (
            "We ate chicken with rice.",
            "The chicken was fried in oil.",
            "She ordered chicken and salad.",
            "Cut the chicken into small pieces.",
            "The soup contains chicken and noodles.",
        ),
    },
    "glass": {
        "material": (
            "The door is made of glass.",
            "Broken glass lay on the floor.",
            "The tower is built of steel and glass.",
            "Glass melts in great heat.",
            "The window needs new glass.",
        ),
        "drink": (
            "He drank a glass of milk.",
            "She filled the glass with water.",
            "Would you like a glass of wine?",
            "The glass was half empty.",
            "He raised his glass and said thanks.",
        ),
    },
    "paper": {
        "material": (
            "Write it on a sheet of paper.",
            "The bag is made of paper.",
            "He folded the paper in half.",
            "The printer has no more paper.",
            "Wood is used to make paper.",
        ),
        "newspaper": (
            "The paper printed an interview with the mayor.",
            "She reads the paper every morning.",
            "He works for a local paper.",
            "The story was in the paper yesterday.",
            "The paper lost half of its readers.",
        ),
    },
    "school": {
        "building": (
            "The school has a red roof.",
            "They painted the school last year.",
            "The school burned down.",
            "There is a tall tree behind the school.",
            "The windows of the school are new.",
        ),
        "lessons": (
            "He hates school.",
            "School starts at eight.",
            "She left school at sixteen.",
            "School was hard for him.",
            "There is no school on Sunday.",
        ),
    },
}
