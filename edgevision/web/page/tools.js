// The tools of the editor: what each is called, what to do with it, and what it makes by the keyboard.

export const TOOLS = { select: "Select", line: "Line", zone: "Zone", row: "Row of spots", queue: "Queue", shelf: "Shelf", ignore: "Ignore" };

export const HINTS = {
  select: "Click a shape to move it or its points. With the keyboard: choose it in the list, then Tab and the arrow keys.",
  line: "Pull a line across the way, or click its two ends. IN is the way of the arrow.",
  zone: "Click the corners on the ground; double-click or press Enter to close it.",
  queue: "Click the corners of the ground on which people wait; double-click or press Enter to close it. Then add its front: where they are served.",
  shelf: "Click the 4 corners of the boards' front. It is cut into rows of equal height.",
  ignore: "Click the corners round what is not to be looked at, such as a road behind a fence. What stands there is not followed, and not counted anywhere.",
  row: "Click the 4 corners of the row: first along the bays, then back along the other side.",
};
const MIDDLE_AREA = [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]];
// What a tool makes when it is used by the keyboard, to be moved with the arrow keys.
export const MIDDLE = {
  line: [[0.3, 0.5], [0.7, 0.5]],
  zone: MIDDLE_AREA,
  queue: MIDDLE_AREA,
  shelf: MIDDLE_AREA,
  ignore: MIDDLE_AREA,
  row: [[0.2, 0.4], [0.8, 0.4], [0.8, 0.6], [0.2, 0.6]],
};
