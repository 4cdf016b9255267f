# How every target of ours is compiled: warnings are errors, hardening on, one sanitizer set a build.
add_library(capp_compile INTERFACE)
target_compile_options(capp_compile INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wthread-safety -Werror
  -fstack-protector-strong -ffunction-sections -fdata-sections)
target_compile_definitions(capp_compile INTERFACE
  _GLIBCXX_ASSERTIONS BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)
target_link_options(capp_compile INTERFACE -fuse-ld=lld -Wl,--gc-sections)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Hardening of what is shipped; what each flag does and costs: docs/security.md, "The program".
  # Not -fcf-protection: the linker keeps its marking only where every object has it, libssl.a has not.
  target_compile_definitions(capp_compile INTERFACE _FORTIFY_SOURCE=3)
  target_compile_options(capp_compile INTERFACE
    -fPIE -fstack-clash-protection -ftrivial-auto-var-init=zero)
  target_link_options(capp_compile INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
  # libc is the only shared library of the shipped binary.
  target_link_options(capp_compile INTERFACE -static-libstdc++ -static-libgcc -s)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(Boost_USE_STATIC_LIBS ON)
  set(ZLIB_USE_STATIC_LIBS ON)
endif()

if(CAPP_SANITIZE STREQUAL "address" OR CAPP_SANITIZE STREQUAL "fuzzer")
  # function: clang cannot assemble it together with coroutines.
  set(flags -fsanitize=address,undefined -fno-sanitize=function -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
elseif(CAPP_SANITIZE STREQUAL "thread")
  set(flags -fsanitize=thread -fno-omit-frame-pointer)
endif()
if(CAPP_SANITIZE STREQUAL "fuzzer")
  list(APPEND flags -fsanitize=fuzzer-no-link)
endif()
if(flags)
  target_compile_options(capp_compile INTERFACE ${flags})
  target_link_options(capp_compile INTERFACE ${flags})
  # A recycled coroutine frame hides a use after free.
  target_compile_definitions(capp_compile INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
