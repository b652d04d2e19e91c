/** Gestures, a step a frame, and how long each frame took. */
{
  const STEPS = 40;
  const frame = () => new Promise(requestAnimationFrame);

  /** After what this frame shows is laid out and painted: a message comes once the frame's work is done. */
  const painted = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  });

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

  /** Where to point: middles of tokens that are seen, some apart. */
  globalThis.placesToHover = (selector) => {
    const tokens = [...document.querySelectorAll(selector)].slice(0, 4 * STEPS);
    return Array.from({ length: STEPS }, (_, i) => {
      const { left, top, width, height } = tokens[(i * 7) % tokens.length].getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    });
  };

  /** From now on: of each token that the pointer comes to, the time until the frame that shows its row has ended. */
  globalThis.hoverTimes = [];
  globalThis.watchHovers = (selector) => {
    document.addEventListener('pointerover', async ({ target }) => {
      const token = target instanceof Element ? target.closest(selector) : null;
      if (!token || token.classList.contains('active')) return;
      const since = performance.now();
      await painted();
      while (!token.classList.contains('active')) {
        await frame();
        await painted();
      }
      hoverTimes.push(performance.now() - since);
    }, { capture: true });
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
