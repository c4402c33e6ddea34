export { siteConfig as default } from '../../scripts/site/site-config.js';
