/** Mantine dressed in the tokens of tokens.css. */
import {
  ActionIcon,
  Button,
  Checkbox,
  createTheme,
  Input,
  Modal,
  PasswordInput,
  SegmentedControl,
  Select,
  TextInput,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

/** The widget library wants ten shades; all are the one accent, told apart by the variables below. */
const accent = Array.from({ length: 10 }, () => 'var(--accent)') as unknown as MantineColorsTuple;
/** Its greys, lightest first, and its dark shades, text first; both stand for the tokens, whatever the theme. */
const gray = greys(
  'surface-2',
  'surface-3',
  'hairline',
  'hairline',
  'border',
  'ink-3',
  'ink-3',
  'ink-2',
  'ink',
  'ink',
);
const dark = greys(
  'ink',
  'ink-2',
  'ink-3',
  'ink-3',
  'border',
  'surface-3',
  'surface',
  'surface',
  'surface-2',
  'surface-2',
);

function greys(...names: string[]): MantineColorsTuple {
  return names.map((name) => `var(--${name})`) as unknown as MantineColorsTuple;
}

const labelled = { defaultProps: { size: 'sm' as const } };

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'accent',
  colors: { accent, gray, dark },
  autoContrast: false,
  cursorType: 'pointer',
  focusRing: 'auto',
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '6px', xl: '6px' },
  fontSizes: {
    xs: 'var(--size-1)',
    sm: 'var(--size-2)',
    md: 'var(--size-3)',
    lg: 'var(--size-4)',
    xl: 'var(--size-5)',
  },
  spacing: {
    xs: 'var(--space-1)',
    sm: 'var(--space-2)',
    md: 'var(--space-3)',
    lg: 'var(--space-4)',
    xl: 'var(--space-6)',
  },
  components: {
    Button: Button.extend({
      ...labelled,
      vars: (_theme, { size }) => ({
        root: {
          '--button-height': String(size).startsWith('compact')
            ? 'calc(var(--control) - 6px)'
            : 'var(--control)',
        },
      }),
    }),
    Input: Input.extend({ vars: () => ({ wrapper: { '--input-height': 'var(--control)' } }) }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { color: 'accent', transitionDuration: 120 } }),
    ActionIcon: ActionIcon.extend({ vars: () => ({ root: { '--ai-size': 'var(--control)' } }) }),
    TextInput: TextInput.extend(labelled),
    PasswordInput: PasswordInput.extend(labelled),
    Select: Select.extend(labelled),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    Modal: Modal.extend({
      defaultProps: {
        transitionProps: { duration: 120 },
        shadow: 'none',
        overlayProps: { backgroundOpacity: 0.35 },
      },
      styles: { content: { border: 'var(--stroke) solid var(--border)' } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, transitionProps: { duration: 120 } } }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--surface-3)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--border)',
  '--mantine-color-disabled': 'var(--surface-3)',
  '--mantine-color-disabled-color': 'var(--ink-3)',
  '--mantine-color-disabled-border': 'var(--hairline)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-filled-hover': 'var(--accent-strong)',
  '--mantine-primary-color-light': 'var(--accent-soft)',
  '--mantine-primary-color-light-hover': 'var(--accent-soft)',
  '--mantine-primary-color-light-color': 'var(--accent)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-color-accent-filled': 'var(--accent)',
  '--mantine-color-accent-filled-hover': 'var(--accent-strong)',
  '--mantine-color-accent-light': 'var(--accent-soft)',
  '--mantine-color-accent-light-hover': 'var(--accent-soft)',
  '--mantine-color-accent-light-color': 'var(--accent)',
  '--mantine-color-accent-outline': 'var(--accent)',
  '--mantine-color-white': 'var(--on-accent)',
  '--mantine-line-height': '1.5',
};

/** Puts the tokens where Mantine looks; the tokens themselves change with the theme. */
export const tokenVariables: CSSVariablesResolver = () => ({
  variables: shared,
  light: shared,
  dark: shared,
});
