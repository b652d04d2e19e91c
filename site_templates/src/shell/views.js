/** The views, each made when it is first opened. */

/** @import { Context, View, ViewDefinition } from '../parts/types.js' */

export class Views {
  #context;
  #definitions;
  /** @type {Map<string, View>} */ #ready = new Map();
  /** @type {Map<string, Promise<View>>} */ #making = new Map();

  /** @param {Context} context @param {readonly ViewDefinition[]} definitions */
  constructor(context, definitions) {
    this.#context = context;
    this.#definitions = definitions;
  }

  /** A view that is made already. @param {string} name */
  get(name) {
    return this.#ready.get(name);
  }

  /**
   * A view, made where it is not yet; where that failed, it is tried anew.
   * @param {string} name
   * @returns {Promise<View>}
   */
  make(name) {
    const making = this.#making.get(name);
    if (making) return making;
    const view = this.#create(name);
    this.#making.set(name, view);
    view.then((ready) => this.#ready.set(name, ready), () => this.#making.delete(name));
    return view;
  }

  /** @param {string} name */
  async #create(name) {
    // A task of its own, so that what stands around the views is painted, and answers, before.
    await new Promise((next) => { setTimeout(next); });
    const definition = this.#definitions.find((each) => each.name === name);
    return await /** @type {ViewDefinition} */ (definition).create(this.#context);
  }
}
