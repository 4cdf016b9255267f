# CAPP_VERSION and CAPP_GIT for --version and the User-Agent. Where there is no .git (the image's build stage) the
# environment may say CAPP_GIT; a tarball says "unknown".
set(CAPP_VERSION "0.1.0")
execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} rev-parse --short=12 HEAD
  OUTPUT_VARIABLE CAPP_GIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT CAPP_GIT)
  set(CAPP_GIT "$ENV{CAPP_GIT}")
endif()
if(NOT CAPP_GIT)
  set(CAPP_GIT "unknown")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.h.in ${CMAKE_BINARY_DIR}/generated/base/version.h)
