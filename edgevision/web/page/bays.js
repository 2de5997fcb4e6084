// A row of parking bays: the quadrilateral that a person draws, cut into equal parts as they are on the ground.

// The corners [x, y] of `count` bays between the sides 1-4 and 2-3 of a row's four corners, or null if these are
// no convex quadrilateral. Equal steps on the ground are none in the picture: the unit square is mapped to the
// corners by a homography (P. Heckbert, Fundamentals of Texture Mapping, 1989, 2.2.2), which keeps cross ratios.
export function cut(corners, count) {
  if (!isConvex(corners)) return null;
  const map = fromSquare(corners);
  return Array.from({ length: count }, (_, index) => {
    const left = index / count, right = (index + 1) / count;
    return [map(left, 0), map(right, 0), map(right, 1), map(left, 1)];
  });
}

function fromSquare([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const dx1 = x1 - x2, dx2 = x3 - x2, sx = x0 - x1 + x2 - x3;
  const dy1 = y1 - y2, dy2 = y3 - y2, sy = y0 - y1 + y2 - y3;
  const by = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / by, k = (dx1 * sy - sx * dy1) / by;
  return (u, v) => {
    const w = g * u + k * v + 1;
    return [((x1 - x0 + g * x1) * u + (x3 - x0 + k * x3) * v + x0) / w, ((y1 - y0 + g * y1) * u + (y3 - y0 + k * y3) * v + y0) / w];
  };
}

export function isConvex(corners) {
  const turns = corners.map((a, index) => {
    const b = corners[(index + 1) % corners.length], c = corners[(index + 2) % corners.length];
    return Math.sign((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]));
  });
  return turns[0] !== 0 && turns.every((turn) => turn === turns[0]);
}
