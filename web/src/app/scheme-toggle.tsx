/** Light, dark, or as the system has it: one button that goes round. */
import { ActionIcon, type MantineColorScheme, Tooltip, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun, type TablerIcon } from "@tabler/icons-react";

const schemes: Record<MantineColorScheme, { words: string; Icon: TablerIcon; next: MantineColorScheme }> = {
  auto: { words: "Colours: as the system", Icon: IconDeviceDesktop, next: "light" },
  light: { words: "Colours: light", Icon: IconSun, next: "dark" },
  dark: { words: "Colours: dark", Icon: IconMoon, next: "auto" },
};

export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { words, Icon, next } = schemes[colorScheme];
  return (
    <Tooltip label={words}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={words} onClick={() => setColorScheme(next)}>
        <Icon size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
