/** Where one looks at a map from, and when the eye has come to rest. */
import { createEye } from '../../draw/eye.js';

/** @import { Eye, Extent } from '../../draw/eye.js' */

/** The eye rests when it has not moved for so long, in milliseconds. */
const REST = 250;

export class Gaze {
  /** @type {Eye | undefined} */
  eye;
  /** Called when the eye has come to rest after a look from elsewhere. */
  onRest = () => {};
  /** Whether the eye has not come to rest yet. */
  moving = false;
  #resting = 0;

  /** Looks at another map, as it is seen at first. @param {Extent} map */
  open(map) {
    this.eye = createEye(map);
  }

  /** Looks from elsewhere. @param {(eye: Eye) => void} change */
  change(change) {
    if (this.eye) change(this.eye);
    clearTimeout(this.#resting);
    this.moving = true;
    this.#resting = window.setTimeout(() => {
      this.moving = false;
      this.onRest();
    }, REST);
  }

  /** Where the eye is, as links have it. @param {boolean} [full] also where it was at first */
  write(full) {
    return this.eye?.write(full) ?? '';
  }

  /** @param {string} text of a link */
  read(text) {
    if (this.eye && text !== this.eye.write()) this.eye.read(text);
  }
}
