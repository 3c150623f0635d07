/** What an emulator tells a program by itself, as against what a person types. */

// oxlint-disable-next-line no-control-regex -- that is what reports are made of
const report = /^(?:\u001b\[(?:I|O|M[\s\S]{3}|<\d+;\d+;\d+[Mm]))+$/;

/** Whether it says that the window has the focus or not, or where the mouse is: nobody's wish to type. */
export const isReport = (text: string): boolean => report.test(text);
