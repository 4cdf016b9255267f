#pragma once
// Starting a coroutine that nobody waits for.

#include <exception>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace net {

// An exception is a programming error here: it leaves the loop and ends the process.
inline void spawn(boost::asio::io_context& context, boost::asio::awaitable<void> coroutine) {
  boost::asio::co_spawn(context, std::move(coroutine), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
}

}  // namespace net
