import { errorMessage, IsovecError } from './isovec-error.js';

/**
 * PACKAGE_MISSING for what needs optional packages that cannot be loaded, with the command that installs them. Packages are
 * `name@version`, of the version that is tested.
 */
export function missingPackage(subject: string, packages: readonly string[], cause: unknown): IsovecError {
  const names = packages.map((one) => one.replace(/@[^@/]*$/, ''));
  const [first = ''] = names;
  const reason = errorMessage(cause).split('\n', 1)[0] ?? '';
  const needed = names.length === 1 ? `the package ${first}` : `the packages ${names.join(' and ')}`;
  return new IsovecError(
    'PACKAGE_MISSING',
    `${subject} needs ${needed}, which cannot be loaded (${reason}). Install it with: npm install ${packages.join(' ')}`,
    { cause, data: { package: first } },
  );
}
