// Node's fetch, which asks the environment for nothing but a key log.
const answer = await fetch(process.argv[2]);
console.log((await answer.text()).trim());
