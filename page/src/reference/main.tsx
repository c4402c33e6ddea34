import { render } from 'preact';
import { Reference } from './reference.js';

const page = document.querySelector('#page');
if (page !== null) render(<Reference />, page);
