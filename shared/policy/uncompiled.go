//go:build uncompiled

package policy

// published is empty where the published policies are being compiled: their code may be of another
// shape than the types that it is written anew for.
var published []edition
