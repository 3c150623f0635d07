/** Whether what the browser calls WebGL is drawn by a graphics card, or worked out by the processor in its place. */

/** How renderers name themselves that have no card: Chromium's, Mesa's, the one of Windows, and Apple's. */
const software = /swiftshader|llvmpipe|softpipe|software|microsoft basic render/i;

export const isSoftware = (renderer: string): boolean => software.test(renderer);

let known: boolean | undefined;

/** Asked once for a page: the card does not change under it, and to ask takes a context of the few that there are. */
export function hasGraphicsCard(): boolean {
  known ??= probe();
  return known;
}

function probe(): boolean {
  // Most browsers say by this alone that there is none; some make a context all the same, which then tells its name.
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  // Not left to the collector of garbage, whenever that comes.
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !isSoftware(String(name));
}
