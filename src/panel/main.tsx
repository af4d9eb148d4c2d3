/** The test panel: a web client of the gateway like any other. */
import './styles/panel.css';
import { render } from 'preact';
import { loadConfig } from './config.ts';
import { applyTheme } from './theme.ts';
import { Failed, Panel } from './views/panel.tsx';

applyTheme();
const root = document.querySelector('#panel');
if (root) {
  loadConfig().then(
    (config) => render(<Panel config={config} />, root),
    () => render(<Failed />, root),
  );
}
