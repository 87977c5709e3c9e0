"""Pages of the factors people sign in with: to sign in, to prove more, to enrol and remove them."""
