// The compiled part of Asio and Beast, once for the whole program (BOOST_ASIO_SEPARATE_COMPILATION,
// BOOST_BEAST_SEPARATE_COMPILATION).
#pragma clang diagnostic ignored "-Weverything"

#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
