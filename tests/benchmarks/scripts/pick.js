async () => {
  const { emptyCloud } = await import('/draw/cloud.js');
  const { nearest } = await import('/draw/pick.js');
  const { flatView } = await import('/draw/project.js');
  const cloud = emptyCloud(1_000_000, true);
  let seed = 1;
  for (let i = 0; i < cloud.positions.length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    cloud.positions[i] = seed >>> 16;
  }
  const rect = { x: 0, y: 0, width: 1000, height: 800 };
  const view = flatView({ x: 0, y: 0, width: 1, height: 1 });
  const panel = { cloud, first: 0, count: cloud.count, rect, view, radius: 2, alpha: 1 };
  nearest(panel, 10, 10, 8);
  return Array.from({ length: 40 }, (_, i) => {
    const since = performance.now();
    nearest(panel, 20 + i * 23, 15 + i * 19, 8);
    return performance.now() - since;
  });
}
