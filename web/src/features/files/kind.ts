/** How a file is shown, from what the server says of it. */
import { type FileInfo, fileLimits } from "@lodge/shared";
import type { FileView } from "./search.ts";

export type File = Extract<FileInfo, { type: "file" }>;

export type FileKind = "text" | "long" | "markdown" | "json" | "csv" | "image" | "pdf" | "audio" | "video" | "binary";

/** What a browser shows as a picture by itself. */
const pictures = /^image\/(png|jpeg|gif|webp|avif|svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)$/;

export function kindOf({ mediaType, isText, size, path }: File): FileKind {
  const type = mediaType.split(";")[0] ?? "";
  if (pictures.test(type)) return "image";
  if (type === "application/pdf") return "pdf";
  // A name alone makes no film: one that is text is shown as that.
  if (!isText && type.startsWith("audio/")) return "audio";
  if (!isText && type.startsWith("video/")) return "video";
  if (!isText) return "binary";
  if (size > fileLimits.text) return "long";
  if (/\.(md|markdown|mdx)$/i.test(path)) return "markdown";
  if (/\.(json|webmanifest|map|ipynb)$/i.test(path)) return "json";
  if (/\.(csv|tsv)$/i.test(path)) return "csv";
  return "text";
}

/** Whether its text can be edited whole. */
export const isEditable = (file: File): boolean => file.isText && file.size <= fileLimits.text;

/** The ways to show a file, the one that suits it first. */
export function viewsOf(file: File, isInGit: boolean): FileView[] {
  const git: FileView[] = isInGit ? ["changes", "history"] : [];
  const isEditableText = isEditable(file);
  switch (kindOf(file)) {
    case "text":
      return ["source", ...git];
    case "markdown":
    case "csv":
      return ["preview", "source", ...git];
    case "json":
      return ["source", "preview", ...git];
    case "image":
      return isEditableText ? ["preview", "source", ...git] : ["preview", ...git.slice(1)];
    case "long":
    case "pdf":
    case "audio":
    case "video":
    case "binary":
      // There is no difference to be shown, but there is a history.
      return ["preview", ...git.slice(1)];
  }
}
