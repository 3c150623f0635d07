/** Lodge's look: a deep pine on quiet, slightly green greys, the system's own fonts, small and dense. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const pine: MantineColorsTuple = [
  "#eef8f4",
  "#dcefe7",
  "#b5dfce",
  "#8acdb2",
  "#67be9b",
  "#50b58c",
  "#3fa37c",
  "#2c8a67",
  "#1f7155",
  "#0f5540",
];

const gray: MantineColorsTuple = [
  "#f7f9f8",
  "#f0f3f1",
  "#e5e9e7",
  "#d7ddd9",
  "#bec7c2",
  "#98a39d",
  "#68746d",
  "#4b5650",
  "#333c37",
  "#1b211e",
];

const dark: MantineColorsTuple = [
  "#d3dad6",
  "#b4bdb8",
  "#8f9a94",
  "#667069",
  "#363f3a",
  "#2b332f",
  "#212825",
  "#151a18",
  "#101412",
  "#0b0e0c",
];

export const theme = createTheme({
  colors: { pine, gray, dark },
  primaryColor: "pine",
  // White on it has a contrast of 5.9 in both schemes.
  primaryShade: 8,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" } } },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
});

/** Colours with a meaning. Those of words keep a contrast of 4.5 on every surface used here (WCAG AA). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-text": "var(--mantine-color-gray-9)",
    "--mantine-color-dimmed": "#5a665f",
    "--mantine-color-placeholder": "#68746d",
    "--mantine-color-anchor": "var(--mantine-color-pine-8)",
    "--lodge-page": "#ffffff",
    "--lodge-terminal": "#ffffff",
    "--lodge-raised": "var(--mantine-color-gray-0)",
    "--lodge-hover": "var(--mantine-color-gray-1)",
    "--lodge-line": "var(--mantine-color-gray-2)",
    "--lodge-strong": "#101512",
    "--lodge-accent": "var(--mantine-color-pine-8)",
    "--lodge-busy": "#1d66d1",
    "--lodge-ready": "#2c8a67",
    "--lodge-waiting": "#9a5700",
    "--lodge-waiting-soft": "#fff4de",
    "--lodge-off": "#98a39d",
    "--mantine-color-error": "#b93232",
  },
  dark: {
    "--mantine-color-dimmed": "#98a39d",
    "--mantine-color-placeholder": "#8f9a94",
    "--mantine-color-anchor": "var(--mantine-color-pine-3)",
    "--lodge-page": "var(--mantine-color-dark-7)",
    "--lodge-terminal": "var(--mantine-color-dark-8)",
    "--lodge-raised": "#1a201d",
    "--lodge-hover": "#1f2623",
    "--lodge-line": "#29312d",
    "--lodge-strong": "#f1f5f3",
    "--lodge-accent": "var(--mantine-color-pine-4)",
    "--lodge-busy": "#6ea8fe",
    "--lodge-ready": "#50b58c",
    "--lodge-waiting": "#f2b44f",
    "--lodge-waiting-soft": "#33280f",
    "--lodge-off": "#667069",
    "--mantine-color-error": "#ff8a80",
  },
});
