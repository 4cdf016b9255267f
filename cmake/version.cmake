# CAPP_VERSION and CAPP_GIT for --version and the User-Agent; a tarball without .git says "unknown".
set(CAPP_VERSION "0.1.0")
execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} rev-parse --short=12 HEAD
  OUTPUT_VARIABLE CAPP_GIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT CAPP_GIT)
  set(CAPP_GIT "unknown")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.h.in ${CMAKE_BINARY_DIR}/generated/base/version.h)
