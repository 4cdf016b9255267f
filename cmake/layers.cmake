# capp_layer(name DEPENDS ...): src/<name>/**.cc as the static library capp_<name>.
function(capp_layer name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  if(NOT sources)
    set(kind INTERFACE)
    add_library(capp_${name} INTERFACE)
  else()
    set(kind PUBLIC)
    add_library(capp_${name} STATIC ${sources})
    target_link_libraries(capp_${name} PRIVATE capp_compile)
  endif()
  target_include_directories(capp_${name} ${kind}
    ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(capp_${name} ${kind} ${arg_DEPENDS})
endfunction()

# capp_app(name DEPENDS ...): apps/<name>/*.cc as the program <name>.
function(capp_app name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/apps/${name}/*.cc)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE capp_compile ${arg_DEPENDS})
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Which object of which archive is in it: the SBOM is made from that (tools/sbom).
    target_link_options(${name} PRIVATE -Wl,-Map=${CMAKE_BINARY_DIR}/${name}.map)
  endif()
endfunction()
