// How large frames are read on this device: as large as it can read ten times a second, and now and then at full size.

const SIZES = Object.freeze([1280, 960, 720, 540, 420]);
const WANTED_MS = 70; // a fifth of the time is for thorough frames, and a tenth for what was not foreseen
const ROOM = 0.5; // a larger size is tried when a frame takes half of that
const THOROUGH = 10; // one frame in ten at most: what is small or hard is found there
const ORDINARY = 4; // and so many times its milliseconds go to ordinary frames first, or a slow device stands still

export class Pace {
  #step = 1;
  #took = WANTED_MS * ROOM;
  #turn = 0;
  #since = { turns: 0, milliseconds: 0 }; // the last thorough frame
  #thoroughTook = 0;

  /** @returns {{longest: number, isThorough: boolean, turn: number}} how to read the next frame */
  next() {
    this.#turn += 1;
    this.#since.turns += 1;
    const isThorough = this.#since.turns >= THOROUGH && this.#since.milliseconds >= ORDINARY * this.#thoroughTook;
    if (isThorough) this.#since = { turns: 0, milliseconds: 0 };
    return { longest: isThorough ? SIZES[0] : SIZES[this.#step], isThorough, turn: this.#turn };
  }

  /**
   * @param {number} milliseconds from taking a frame to taking the next
   * @param {boolean} isThorough
   */
  took(milliseconds, isThorough) {
    if (isThorough) {
      this.#thoroughTook = milliseconds;
      return;
    }
    this.#since.milliseconds += milliseconds;
    this.#took += (milliseconds - this.#took) / 4;
    if (this.#took > WANTED_MS && this.#step < SIZES.length - 1) this.#change(1);
    else if (this.#took < WANTED_MS * ROOM && this.#step > 0) this.#change(-1);
  }

  /** @param {1 | -1} by */
  #change(by) {
    const former = SIZES[this.#step];
    this.#step += by;
    this.#took *= (SIZES[this.#step] / former) ** 2;
  }
}
