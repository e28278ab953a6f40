using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.Dashboard;

/// <summary>One entry of an application's log.</summary>
internal sealed record LoggedLine(LogLevel Level, string Category, string Text);
