/** Gestures, a step a frame, and how long each frame took. */
{
  const STEPS = 40;
  const frame = () => new Promise(requestAnimationFrame);

  /** Milliseconds from one frame to the next while `step` acts in each. */
  async function between(step) {
    await frame();
    const times = [];
    let last = performance.now();
    for (let i = 0; i < STEPS; i++) {
      step(i);
      await frame();
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times;
  }

  function pointer(target, type, x, y, buttons) {
    target.dispatchEvent(new PointerEvent(type, {
      bubbles: true, cancelable: true, pointerId: 1, isPrimary: true, clientX: x, clientY: y, buttons,
    }));
  }

  function middle(host) {
    const element = document.querySelector(host);
    const { left, top, width, height } = element.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    return { x, y, target: document.elementFromPoint(x, y) ?? element };
  }

  globalThis.dragFrames = async (host) => {
    const { x, y, target } = middle(host);
    target.setPointerCapture = () => {};
    pointer(target, 'pointerdown', x, y, 1);
    const times = await between((i) => pointer(target, 'pointermove', x + i * 3, y + i, 1));
    pointer(target, 'pointerup', x, y, 0);
    return times;
  };

  globalThis.zoomFrames = (host) => {
    const { x, y, target } = middle(host);
    return between((i) => target.dispatchEvent(new WheelEvent('wheel', {
      bubbles: true, cancelable: true, clientX: x, clientY: y, deltaY: i % 20 < 10 ? -40 : 40,
    })));
  };

  /** From a pointer on another token to the frame after, which shows what it attends to. */
  globalThis.hoverFrames = async (selector = '.token-text [data-token]') => {
    const tokens = [...document.querySelectorAll(selector)].slice(0, 4 * STEPS);
    const times = [];
    for (let i = 0; i < STEPS; i++) {
      const target = tokens[(i * 7) % tokens.length];
      const { left, top, width, height } = target.getBoundingClientRect();
      await frame();
      const since = performance.now();
      for (const type of ['pointerover', 'pointermove']) pointer(target, type, left + width / 2, top + height / 2, 0);
      await frame();
      await new Promise((done) => { setTimeout(done); });
      times.push(performance.now() - since);
    }
    return times;
  };

  globalThis.rowTimes = async (document) => {
    const times = [];
    for (let i = 0; i < STEPS; i++) {
      const since = performance.now();
      await attnviz.attention(0, 2, document, 8191 - i);
      times.push(performance.now() - since);
    }
    return times;
  };
}
