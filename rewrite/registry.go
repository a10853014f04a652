package rewrite

// A registry is a map whose values are made when their keys are first asked
// for. One mutex goes around every use of the map, and where a key is looked
// up and filled around both and all between them. The declaration of the map
// stays as it is: the zero mutex is ready before any initialiser runs.
