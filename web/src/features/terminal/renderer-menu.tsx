/** Chooses by what the terminal is drawn, for whoever knows better than the page. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconBrush } from "@tabler/icons-react";
import { type Renderer, renderers, type TerminalPreferences } from "./preferences.ts";

const words: Record<Renderer, string> = {
  auto: "Whatever is quicker here",
  webgl: "The graphics card (WebGL)",
  dom: "The page (DOM)",
};

interface RendererMenuProps {
  preferences: TerminalPreferences;
  onPreferences: (preferences: TerminalPreferences) => void;
}

export function RendererMenu({ preferences, onPreferences }: RendererMenuProps) {
  return (
    // Within the bar: what is elsewhere in the page would not be seen in full screen.
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="md" title="Drawn by" aria-label="Drawn by">
          <IconBrush size={15} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup
          value={preferences.renderer}
          onChange={(value) => {
            const renderer = renderers.find((each) => each === value);
            if (renderer) onPreferences({ ...preferences, renderer });
          }}
        >
          {renderers.map((renderer) => (
            <Menu.RadioItem key={renderer} value={renderer}>
              {words[renderer]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
