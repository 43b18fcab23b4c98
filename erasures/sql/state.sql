-- Names the state that erasures are in: it changes with each of their steps. Empty while one is taking rows away.
SELECT if(countIf(state = 'taking') > 0, '', concat(toString(count()), '/', toString(sum(step)))) FROM rapport_store.erasures FINAL
