/**
 * Why a tag must not be released, a line each: `versions` are the packages' by name, `pending` the changesets that no
 * version has taken up yet.
 */
export function releaseProblems({ tag, versions, pending }) {
  const problems = Object.entries(versions)
    .filter(([, version]) => `v${version}` !== tag)
    .map(([name, version]) => `${name} has version ${version}, the tag is ${tag}`);
  if (tag === "v0.0.0") problems.push("0.0.0 stands for not released; run npm run version-packages");
  for (const file of pending) problems.push(`${file} is not in any version yet; run npm run version-packages`);
  return problems;
}
