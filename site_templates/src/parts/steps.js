/** Steps across and down that arrow keys make. @type {Record<string, [number, number] | undefined>} */
export const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
