// Package deploy holds what a deployment in containers needs beside docker-compose.yml and the Dockerfile, and the tests that
// hold these files to the code, as far as that can be done without running a container.
package deploy
