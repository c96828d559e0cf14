"use strict";

/* Cuts the lesson into slides on which everything fits, then starts reveal.js.

   A part of the lesson (a section in this file) becomes blocks: headings, paragraphs, lists, code,
   outputs. They are measured, and `cheapest` finds the places where a new slide hurts least. Every
   output waits for a key press, and so does what follows it: a question is seen before its answer.
   All sizes are pixels of a slide of 1280 x 720; reveal.js scales it to the screen. */

const SLIDE = { width: 1280, height: 720 };
const ROOM = { width: 1168, height: 620 }; // what the margins in deck.css leave
const GAP = 18;
const CONTINUED = 29 + GAP; // the small heading of a slide that goes on
const TEXT = 28;
const LARGER = [36, 32]; // if there is room
const SMALLER = [26, 24, 22]; // if a single block is too tall
const SMALLEST_CODE = 18;
const WRAPPED_CODE = 20; // of long sentences, which need more than one line anyway
const FIGURE = { least: 340, tallest: 560, width: 800 }; // smaller, and its words are too small
const LONGEST_CAPTION = 200; // letters
const CODE_TO_TEXT = 0.65; // the least ratio of their sizes where letters are enlarged
const MOST = { lines: 20, letters: 94, items: 8 }; // what one slide holds of code, and of a list
/* A deck by the clock: → leads along the planned slides, and what the lesson has besides is below. */
const CLOCK = document.querySelector("main").matches("[data-clock]");
const KEYS =
  (CLOCK ? "Keys: →: next · ←: back · ↓: more of this · " : "Keys: → or space: next · ←: back · ") +
  "G, number: go to · N: notes · S: notes in another window · Esc: all slides · F: full screen";
const { vote, tasks } = document.querySelector(".slides").dataset; // words of instructor/words.toml
const VOTE = new RegExp(`^(${vote})(?!\\p{L})`, "u");
const TASKS = new RegExp(`^(${vote}|${tasks})(?!\\p{L})`, "u");

// --- from a section to its blocks ---

/** The blocks of a section, each with its kind, its cell and the speaker notes that follow it. */
function blocksOf(section) {
  const blocks = [];
  let waiting = [];
  [...section.children].forEach((child, cell) => {
    if (child.matches("aside.notes")) {
      (blocks.length ? blocks.at(-1).notes : waiting).push(child.innerHTML);
      return;
    }
    for (const element of partsOf(child)) {
      blocks.push({ element, cell, kind: kindOf(element), notes: waiting });
      waiting = [];
    }
  });
  return blocks;
}

function partsOf(child) {
  if (!child.matches(".text")) return cutLines(child);
  dressQuestions(child);
  return [...child.children].flatMap(cutList);
}

/** Cuts long code, or a long output, at an empty line if there is one. */
function cutLines(box) {
  const pre = box.querySelector("pre");
  if (!pre) return [box];
  const lines = pre.innerHTML.trimEnd().split("\n");
  const fits = howManyFit(pre.textContent.split("\n"));
  if (fits >= lines.length) return [box];
  const empty = lines.slice(0, fits).lastIndexOf("");
  const rest = box.cloneNode(true);
  rest.querySelector("pre").innerHTML = lines.splice(empty > 0 ? empty + 1 : fits).join("\n");
  pre.innerHTML = lines.join("\n").trimEnd();
  return [box, ...cutLines(rest)];
}

/** The number of lines that fill one slide; a very long one counts as several. */
function howManyFit(lines) {
  let rows = 0;
  const tooMany = (line) => {
    rows += Math.max(1, Math.ceil(line.length / MOST.letters));
    return rows > MOST.lines;
  };
  const first = lines.findIndex(tooMany);
  return first < 0 ? lines.length : Math.max(1, first);
}

function cutList(list) {
  if (!list.matches("ul, ol") || list.children.length <= MOST.items) return [list];
  const rest = list.cloneNode(true);
  [...list.children].slice(MOST.items).forEach((item) => item.remove());
  [...rest.children].slice(0, MOST.items).forEach((item) => item.remove());
  if (rest.matches("ol")) rest.start += MOST.items;
  return [list, ...cutList(rest)];
}

function kindOf(element) {
  if (element.matches("h1, h2, h3")) return "heading";
  if (element.matches(".code")) return "code";
  if (element.matches(".output")) return "output";
  return "text";
}

/** Marks what students are asked to do; the answers (a), (b), (c) get a box each. */
function dressQuestions(cell) {
  for (const paragraph of cell.querySelectorAll("p")) {
    const asked = [...paragraph.querySelectorAll("strong")].find((s) => TASKS.test(s.textContent));
    if (asked) {
      splitBefore(paragraph, asked);
      paragraph.className = VOTE.test(asked.textContent) ? "predict" : "task";
    }
    const quiz = /^\s*(\(a\)|\d+\.)\s/.test(paragraph.textContent);
    if (asked || quiz) boxAnswers(paragraph);
    const question = paragraph.previousElementSibling;
    if (quiz && question?.matches(".predict")) {
      question.append(...paragraph.childNodes);
      paragraph.remove();
    }
  }
}

/** Moves what stands before a child into a paragraph of its own. */
function splitBefore(paragraph, child) {
  const before = document.createElement("p");
  while (paragraph.firstChild !== child) before.append(paragraph.firstChild);
  if (before.textContent.trim()) paragraph.before(before);
}

function boxAnswers(paragraph) {
  const parts = paragraph.innerHTML.split(/[\s·,]*\(([a-e])\)\s+/);
  if (parts.length < 5 || parts[1] !== "a") return;
  let boxes = "";
  for (let i = 1; i < parts.length; i += 2) boxes += `<span>(${parts[i]}) ${parts[i + 1]}</span>`;
  paragraph.innerHTML = `${parts[0]}<span class="options">${boxes}</span>`;
}

// --- measuring ---

/** A slide out of sight, on which blocks can be measured. */
function makeStage(slides) {
  const stage = document.createElement("section");
  stage.className = "slide stage";
  stage.innerHTML = '<div class="content"></div>';
  slides.append(stage);
  return stage.querySelector(".content");
}

function measure(blocks, stage) {
  stage.replaceChildren(...blocks.map((block) => block.element));
  for (const block of blocks) {
    fitWidth(block.element);
    block.pictures = [...block.element.querySelectorAll("img")];
    for (const picture of block.pictures) startSmall(picture);
    block.height = block.element.offsetHeight;
  }
}

/** Height over width. */
function shapeOf(picture) {
  return picture.naturalHeight / picture.naturalWidth || 0.5; // a broken picture has no shape
}

/** The least size of a picture. Beside a tall one stands its caption, not below; a long caption,
    which says in numbers what the picture shows, is for those who read alone. */
function startSmall(picture) {
  const shape = shapeOf(picture);
  const figure = picture.closest("figure");
  const caption = figure?.querySelector("figcaption");
  if (caption) {
    caption.textContent = caption.textContent.replaceAll(" %", "\u00a0%");
    caption.hidden = caption.textContent.length > LONGEST_CAPTION;
    figure.classList.toggle("beside", shape > 0.75 && !caption.hidden);
  }
  picture.style.height = `${Math.min(FIGURE.least, (ROOM.width - 32) * shape)}px`;
}

/** Shrinks code, text outputs and tables until their width fits. Returns the smallest size. */
function fitWidth(element) {
  const boxes = element.matches("pre, table") ? [element] : element.querySelectorAll("pre, table");
  let smallest = Infinity;
  for (const box of boxes) {
    box.style.fontSize = box.style.zoom = "";
    box.classList.remove("wrapped");
    const tooWide = () => box.scrollWidth > Math.min(box.clientWidth, ROOM.width);
    let size = parseFloat(getComputedStyle(box).fontSize);
    while (tooWide() && size > SMALLEST_CODE) {
      size = Math.max(SMALLEST_CODE, size - 0.5);
      box.style.fontSize = `${size}px`;
    }
    if (tooWide() && box.matches("table")) {
      box.style.zoom = ROOM.width / box.scrollWidth;
    } else if (tooWide()) {
      box.classList.add("wrapped");
      size = WRAPPED_CODE;
      box.style.fontSize = `${size}px`;
    }
    smallest = Math.min(smallest, size);
  }
  return smallest;
}

// --- where a new slide begins ---

/** What it costs to begin a new slide between two blocks. */
function breakCost(before, after) {
  if (!after || after.kind === "heading") return 0;
  if (before.kind === "heading") return 100;
  if (after.kind === "output") return before.kind === "output" ? 1 : 2;
  if (after.kind === "code") return before.kind === "text" ? 3 : 0;
  if (before.kind === "output") return 1;
  if (before.cell !== after.cell) return 0.3;
  return /:\s*$/.test(before.element.textContent) || after.element.matches(".predict") ? 5 : 1.5;
}

/** What a slide with these blocks costs; Infinity if they do not belong on one. */
function slideCost(blocks) {
  const titled = blocks[0].kind === "heading";
  const heights = blocks.map((block) => block.height + GAP);
  const room = ROOM.height + GAP - heights.reduce((a, b) => a + b) - (titled ? 0 : CONTINUED);
  const alone = blocks.length === (titled ? 2 : 1); // what is too tall alone is shrunk
  const another = blocks.slice(1).some((block) => block.kind === "heading");
  if ((room < 0 && !alone) || another) return Infinity;
  const codes = blocks.filter((block) => block.kind === "code").length;
  return 1 + 1.5 * Math.max(0, codes - 1) + emptiness(blocks, room);
}

/** What unused room costs; pictures want it. */
function emptiness(blocks, room) {
  const pictures = blocks.flatMap((block) => block.pictures);
  if (!pictures.length) return 6 * Math.max(0, room / ROOM.height - 0.6);
  const heights = pictures.map((picture) => FIGURE.width * shapeOf(picture));
  const wanted = Math.min(FIGURE.tallest, Math.max(...heights)) - FIGURE.least;
  return Math.max(0, wanted - room / pictures.length) / 30;
}

/** Groups the blocks into slides, in the way that costs least. */
function cheapest(blocks) {
  const best = [{ cost: 0 }];
  for (let end = 1; end <= blocks.length; end++) {
    best.push({ cost: Infinity });
    for (let start = 0; start < end; start++) {
      const group = blocks.slice(start, end);
      const cost = best[start].cost + slideCost(group) + breakCost(group.at(-1), blocks[end]);
      if (cost < best[end].cost) best[end] = { cost, start, group };
    }
  }
  const groups = [];
  for (let end = blocks.length; end > 0; end = best[end].start) groups.unshift(best[end].group);
  return groups;
}

// --- from a group of blocks to a slide ---

function makeSlide(group, heading, lesson, stage) {
  const content = document.createElement("div");
  content.className = "content";
  if (group[0].kind !== "heading") {
    content.innerHTML = '<p class="continued"></p>';
    content.firstChild.innerHTML = heading.innerHTML;
  }
  content.append(...group.map((block) => block.element));
  fit(content, group, stage);
  addFragments(group);
  const slide = document.createElement("section");
  slide.className = "slide";
  const place = /<b class="place">(.*?)<\/b>/.exec(group.flatMap((b) => b.notes).join(""));
  slide.dataset.lesson = place ? `${lesson} › ${textOf(place[1])}` : lesson;
  slide.setAttribute("aria-label", heading.textContent);
  slide.append(content);
  return slide;
}

/** The words of some HTML, without its marks. */
function textOf(html) {
  const element = document.createElement("p");
  element.innerHTML = html;
  return element.textContent;
}

/** Each slide has something to say: where the lesson has no notes, those of the slide before. */
function addNotes(slide, group, before) {
  const own = group.flatMap((block) => block.notes).join("");
  const notes = own || before;
  slide.insertAdjacentHTML("beforeend", `<aside class="notes">${notes}</aside>`);
  return notes;
}

/** Gives pictures the room that is left; else takes the largest letters with which all fits. */
function fit(content, group, stage) {
  stage.replaceWith(content);
  const left = () => ROOM.height - content.scrollHeight;
  const set = (size) => {
    content.style.fontSize = `${size}px`;
    return Math.min(...group.map((block) => fitWidth(block.element))) >= CODE_TO_TEXT * size;
  };
  const pictures = group.flatMap((block) => block.pictures);
  const fits = pictures.length ? 0 : LARGER.find((size) => set(size) && left() >= 0);
  if (!fits) set(TEXT);
  for (const picture of pictures) enlarge(picture, left() / pictures.length);
  if (left() < 0) SMALLER.find((size) => (set(size), left() >= 0));
  if (left() < 0) content.style.zoom = ROOM.height / content.scrollHeight;
  const body = group.find((block) => block.kind !== "heading");
  if (body && left() > 0) body.element.style.marginTop = `${Math.min(90, 0.3 * left())}px`;
  content.replaceWith(stage);
}

function enlarge(picture, extra) {
  const widest = Math.min(ROOM.width - 32, 1.15 * picture.naturalWidth);
  const height = Math.min(widest * shapeOf(picture), picture.offsetHeight + extra);
  picture.style.height = `${height}px`;
}

/** An output, and all that follows it on its slide, waits for a key press. */
function addFragments(group) {
  let step = -1;
  group.forEach((block, index) => {
    const { element, kind, cell } = block;
    if (step < 0 && !(kind === "output" && index > 0)) return;
    const before = group[index - 1];
    if (step < 0 || before.cell !== cell || before.kind !== kind) step += 1;
    element.classList.add("fragment");
    element.dataset.fragmentIndex = step;
  });
}

// --- the deck ---

function cutIntoSlides(slides) {
  const stage = makeStage(slides);
  let lesson = "";
  let heading = slides.querySelector("h1");
  let notes = "";
  for (const part of slides.querySelectorAll(":scope > section:not(.stage) > section")) {
    const blocks = blocksOf(part);
    lesson = part.querySelector("h1")?.textContent ?? lesson;
    measure(blocks, stage);
    const groups = cheapest(blocks);
    for (const group of groups) {
      if (group[0].kind === "heading") heading = group[0].element;
      const slide = makeSlide(group, heading, lesson, stage);
      notes = addNotes(slide, group, notes);
      slide.dataset.parts = groups.length; // more than one: its part did not fit on one slide
      part.before(slide);
    }
    part.remove();
  }
  stage.closest(".stage").remove();
  slides.querySelector("[data-lesson]").dataset.lesson = KEYS; // the title has its name above
}

/** The number of the planned slide that a slide is, or stands below. */
const columnOf = (slide) => Reveal.getIndices(slide).h + 1;

/** Key N: the notes of the slide beside it, without a second window. */
function toggleNotes() {
  Reveal.configure({ showNotes: !Reveal.getConfig().showNotes });
  Reveal.layout();
}

async function start() {
  const fonts = ["28px", "italic 28px", "600 28px"];
  await Promise.allSettled(fonts.map((font) => document.fonts.load(`${font} "Source Sans Pro"`)));
  await Promise.allSettled([...document.images].map((picture) => picture.decode()));
  cutIntoSlides(document.querySelector(".slides"));
  await Reveal.initialize({
    ...SLIDE,
    margin: 0,
    minScale: 0.1,
    maxScale: 4,
    center: false,
    hash: true,
    // An arrow, the space bar or a clicker: always the next slide.
    navigationMode: CLOCK ? "default" : "linear",
    keyboard: CLOCK ? { 32: "right", 33: "left", 34: "right" } : true,
    slideNumber: CLOCK ? (slide) => [columnOf(slide), "/", Reveal.getHorizontalSlides().length] : "c/t",
    transition: "none",
    pdfSeparateFragments: false,
    pdfMaxPagesPerSlide: 1,
    plugins: [RevealNotes],
  });
  const description = "Speaker notes beside the slide, on or off";
  Reveal.addKeyBinding({ keyCode: 78, key: "N", description }, toggleNotes);
}

start();
