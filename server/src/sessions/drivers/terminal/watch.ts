/** Waits for what the CLI shows: every look follows a change of the screen, none a guess at how long something takes. */
import type { Clock } from "../../clock.ts";
import type { Screen } from "./screen.ts";
import { recognise, type View } from "./view.ts";

export class ScreenWatch {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #over: AbortSignal;

  /** @param over aborts when the process is gone: nothing more will be seen */
  constructor(screen: Screen, clock: Clock, over: AbortSignal) {
    this.#screen = screen;
    this.#clock = clock;
    this.#over = over;
  }

  get view(): View {
    return recognise(this.#screen.lines, this.#screen.cursor);
  }

  /**
   * Resolves with whether it came to pass.
   *
   * @param ms milliseconds to wait at most; null for as long as the process lives
   */
  async until(test: (view: View) => boolean, ms: number | null): Promise<boolean> {
    if (this.#over.aborted) return false;
    if (test(this.view)) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    using stack = new DisposableStack();
    stack.use(
      this.#screen.onChange(() => {
        if (test(this.view)) resolve(true);
      }),
    );
    if (ms !== null) stack.use(this.#clock.after(ms, () => resolve(test(this.view))));
    const gone = () => resolve(false);
    this.#over.addEventListener("abort", gone);
    stack.defer(() => this.#over.removeEventListener("abort", gone));
    return await promise;
  }

  /** Passes after so many milliseconds, or as soon as the process is gone. */
  timeout(ms: number): Disposable & { passed: Promise<null> } {
    const { promise: passed, resolve } = Promise.withResolvers<null>();
    const timer = this.#clock.after(ms, () => resolve(null));
    const gone = () => resolve(null);
    if (this.#over.aborted) gone();
    this.#over.addEventListener("abort", gone);
    return {
      passed,
      [Symbol.dispose]: () => {
        timer[Symbol.dispose]();
        this.#over.removeEventListener("abort", gone);
      },
    };
  }
}
