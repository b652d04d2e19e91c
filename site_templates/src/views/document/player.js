/** A recording played from the frame that is attended to, with a mark that moves over its waveform. */
import { el, fill, icon } from '../../parts/element.js';
import { createPlayMark } from './play-mark.js';

/** @import { Context } from '../../parts/types.js' */
/** @import { Waveform } from './play-mark.js' */

const TIP = 'Plays the recording from this frame on: the one that is looked through, or the one that gets most of a '
  + 'word’s attention. The key P.';

export class Player {
  #context;
  #audio = el('audio', { preload: 'auto', onplay: () => this.#began(), onpause: () => this.#say(),
    ontimeupdate: () => this.#place() });
  #words = el('span', {});
  #button = el('button', { type: 'button', class: 'chip play', hidden: true, 'data-tip': TIP,
    onclick: () => this.toggle() }, this.#words);
  element = el('span', { class: 'player' }, this.#button, this.#audio);
  /** Who does not want things to move sees the mark step, a few times a second. */
  #still = window.matchMedia('(prefers-reduced-motion: reduce)');
  /** @type {ReturnType<typeof createPlayMark> | undefined} */
  #mark;
  /** The document that can be played, and the one whose sound is loaded; -1 for none. */
  #document = -1;
  #loaded = -1;
  /** Where it is to begin, in seconds. */
  #start = 0;
  /** The number of what was asked for last: older sounds come too late. */
  #asked = 0;

  /** @param {Pick<Context, 'report' | 'announce' | 'notify'>} context */
  constructor(context) {
    this.#context = context;
  }

  /** What can be played: nothing without a waveform, or where the report has no sound.
   * @param {number} document @param {Waveform | undefined} waveform */
  offer(document, waveform) {
    this.pause();
    this.#mark?.remove();
    const audible = waveform !== undefined && this.#context.report.hasSound(document);
    this.#mark = audible ? createPlayMark(waveform) : undefined;
    this.#document = audible ? document : -1;
    this.#button.hidden = !audible;
    this.element.hidden = !audible;
  }

  /** Where to begin: at a frame. @param {number} token -1 for the recording's beginning */
  aim(token) {
    this.#start = this.#mark?.startOf(token) ?? 0;
    this.#say();
  }

  /** Whether there was anything to play or to pause. */
  toggle() {
    if (!this.#mark) return false;
    if (this.#audio.paused) void this.#play();
    else {
      this.pause();
      this.#context.announce(`Paused at ${this.#audio.currentTime.toFixed(2)} s`);
    }
    return true;
  }

  pause() {
    this.#asked++;
    this.#audio.pause();
  }

  async #play() {
    const { report, announce, notify } = this.#context;
    const [job, document, start] = [++this.#asked, this.#document, this.#start];
    try {
      const sound = await report.sound(document);
      if (job !== this.#asked || !sound) return;
      if (this.#loaded !== document) this.#audio.src = sound.url;
      this.#loaded = document;
      this.#audio.currentTime = Math.min(start, sound.seconds);
      await this.#audio.play();
      announce(`Playing from ${start.toFixed(2)} s`);
    } catch (error) {
      if (job === this.#asked) notify(`This recording cannot be played: ${/** @type {Error} */ (error).message}`);
    }
  }

  #began() {
    this.#say();
    if (!this.#still.matches) this.#follow();
  }

  /** Moves the mark with every frame of the screen. */
  #follow() {
    this.#place();
    if (!this.#audio.paused) requestAnimationFrame(() => this.#follow());
  }

  #place() {
    this.#mark?.place(this.#audio.currentTime, !this.#audio.ended);
  }

  #say() {
    const playing = !this.#audio.paused;
    this.#button.setAttribute('aria-pressed', String(playing));
    fill(this.#words, icon(playing ? 'pause' : 'play'), playing ? ' Pause' : ` Play from ${this.#start.toFixed(2)} s`);
  }
}
