/** Icons. All are decorative: a control's name says what it does. */
import type { ComponentChildren } from 'preact';

function Icon({ children }: { readonly children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const line = (d: string) => () => (
  <Icon>
    <path d={d} />
  </Icon>
);

export const PlayIcon = () => (
  <Icon>
    <path
      class="solid"
      d="M8 5.500v13a1 1 0 0 0 1.500.87l10.500-6.500a1 1 0 0 0 0-1.740l-10.500-6.500A1 1 0 0 0 8 5.500Z"
    />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path class="solid" d="M7 5h3.500v14H7zM13.500 5H17v14h-3.500z" />
  </Icon>
);
export const DownloadIcon = line('M12 4v11m0 0 4.500-4.500M12 15l-4.500-4.500M5 19.500h14');
export const LinkIcon = line(
  'M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1',
);
export const DeleteIcon = line('M5 7h14M10 7V4.500h4V7m-7 0 .8 12h8.400L17 7m-5 4v5');
export const UploadIcon = line('M12 16V5m0 0L7.500 9.500M12 5l4.500 4.500M5 19.500h14');
export const ExportIcon = line('M12 14V4m0 0L8.500 7.500M12 4l3.500 3.500M8 10.500H5.500v9h13v-9H16');
export const RetryIcon = line('M19 12a7 7 0 1 1-2-4.900M19 4v4h-4');
export const CloseIcon = line('M6.500 6.500l11 11m0-11-11 11');
export const CopyIcon = line('M9 9h10v11H9zM15 9V4.500H5V15.500h4');
export const SearchIcon = line(
  'M15.500 15.500 20 20M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13Z',
);
export const NextIcon = line('M9.500 6l6 6-6 6');
export const PreviousIcon = line('M14.500 6l-6 6 6 6');
export const SunIcon = line(
  'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M18.400 5.600l-1.100 1.100M6.700 17.300l-1.100 1.100',
);
export const MoonIcon = line('M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10Z');
export const SystemIcon = line('M4 5h16v11H4zM9 20h6M12 16v4');
export const WarningIcon = line('M12 4 21 19.500H3L12 4Zm0 6v4.500m0 2.300v.2');
export const WaveIcon = line('M4 10.500v3M8 7.500v9M12 4.500v15M16 8.500v7M20 10.500v3');

export const Spinner = () => <span class="spinner" aria-hidden="true" />;
