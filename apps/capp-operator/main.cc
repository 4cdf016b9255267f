#include "operator/main.h"

int main(int argc, char** argv) {
  return op::run({argv + 1, argv + argc});
}
