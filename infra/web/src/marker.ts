import type { Schema } from "./ask.js";
import { make } from "./frame.js";
import type { Words } from "./words.js";

type Region = Schema["Region"];

// In thousandths of the picture's width and height.
const whole = 1000;
const step = 50; // of a key
const least = 10; // of a side that is drawn
const pressed = 200; // a side of the box around a press that is no drag

const ways: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowDown: [0, 1] };

const within = (value: number, from: number, to: number): number => Math.min(Math.max(value, from), to);
const around = (x: number, y: number): Region => {
  const from = (middle: number) => within(middle - pressed / 2, 0, whole - pressed);
  return { x: from(x), y: from(y), width: pressed, height: pressed };
};

/** A picture on which a customer marks a part, by pointer or by keys. One that does not load is left out. */
export class Marker {
  /** What is marked. */
  region: Region | undefined;
  readonly field: HTMLElement;

  readonly #box = make("div", { part: "mark", hidden: "" });
  readonly #where = make("output");
  readonly #clear: HTMLButtonElement;
  readonly #picture: HTMLElement;

  constructor(url: string, readonly language: string, readonly words: Words) {
    const image = make("img", { src: url, alt: "", draggable: "false" });
    image.onerror = () => {
      this.field.remove();
      this.region = undefined;
    };
    const picture = (this.#picture = make("div", { part: "picture", role: "application", tabindex: "0", "aria-labelledby": "mark", "aria-describedby": "how" }, image, this.#box));
    this.#clear = make("button", { type: "button", hidden: "" }, words.unmark);
    this.#clear.onclick = () => {
      this.#mark();
      picture.focus();
    };
    this.field = make("div", {}, make("div", { id: "mark" }, words.mark), picture, make("small", { id: "how" }, words.how), this.#where, this.#clear);
    picture.onkeydown = (event) => this.#key(event);
    picture.onpointerdown = (event) => this.#drag(event);
  }

  /** Marks a region, or none, and says where it is, unless it is still drawn. */
  #mark(region?: Region, drawn = true): void {
    this.region = region;
    this.#box.hidden = this.#clear.hidden = !region;
    let place = "";
    if (region) {
      const [left, top, width, height] = [region.x, region.y, region.width, region.height].map((side) => side / 10 + "%");
      Object.assign(this.#box.style, { left, top, width, height });
      place = this.words.marked.replace(/{(\w+)}/g, (_, side: keyof Region) => (region[side] / whole).toLocaleString(this.language, { style: "percent" }));
    }
    if (drawn) this.#where.textContent = place;
  }

  /** An arrow brings a box, and moves it; with Shift it sizes it. */
  #key(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const way = ways[event.key];
    if (!way && event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    if (!way) return this.#mark();
    const [right, down] = [way[0] * step, way[1] * step];
    if (!this.region) return this.#mark(around(whole / 2, whole / 2));
    const { x, y, width, height } = this.region;
    this.#mark(
      event.shiftKey
        ? { x, y, width: within(width + right, least, whole - x), height: within(height + down, least, whole - y) }
        : { x: within(x + right, 0, whole - width), y: within(y + down, 0, whole - height), width, height },
    );
  }

  /** A drag marks what it spans; a press that is none, what lies around it. */
  #drag(start: PointerEvent): void {
    if (start.button) return;
    const picture = this.#picture;
    const box = picture.getBoundingClientRect();
    const at = (from: number, side: number) => within(Math.round((from / side) * whole), 0, whole);
    const x = at(start.clientX - box.left, box.width);
    const y = at(start.clientY - box.top, box.height);
    picture.setPointerCapture(start.pointerId);
    picture.onpointermove = picture.onpointerup = picture.onpointercancel = (event) => {
      const moves = event.type === "pointermove";
      const toX = at(event.clientX - box.left, box.width);
      const toY = at(event.clientY - box.top, box.height);
      const width = Math.abs(toX - x);
      const height = Math.abs(toY - y);
      if (width >= least && height >= least) this.#mark({ x: Math.min(x, toX), y: Math.min(y, toY), width, height }, !moves);
      else if (!moves) this.#mark(around(x, y));
      if (!moves) picture.onpointermove = picture.onpointerup = picture.onpointercancel = null;
    };
  }
}
