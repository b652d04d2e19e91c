/**
 * Lets the search of a page that was opened from a folder run: browsers refuse a Worker there. In its place stands
 * a hidden frame that runs the worker's script on the page's own thread, behind the part of Worker that search uses.
 * On http this file does nothing. The name is what the offline plugin looks for before it asks for a remote one.
 */
if (location.protocol === 'file:') {
  window.Worker = class extends EventTarget {
    /** @param {string | URL} address of the worker's script */
    constructor(address) {
      super();
      const frame = document.createElement('iframe');
      frame.hidden = true;
      frame.title = 'Search';
      document.body.append(frame);
      this.inside = frame.contentWindow;
      // What the script posts comes out here.
      this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent('message', { data }));
      this.started = new Promise((done, failed) => {
        const script = this.inside.document.createElement('script');
        Object.assign(script, { src: address, onload: done, onerror: failed });
        this.inside.document.head.append(script);
      });
    }

    /** @param {unknown} data what the script gets as a message, once it runs */
    async postMessage(data) {
      await this.started;
      this.inside.dispatchEvent(new this.inside.MessageEvent('message', { data }));
    }

    terminate() {
      this.inside.frameElement.remove();
    }
  };
}
