namespace Aspire.Hosting.ApplicationModel;

/// <summary>Makes results of commands.</summary>
public static class CommandResults
{
    /// <summary>The command succeeded.</summary>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success() => new() { Success = true };

    /// <summary>The command succeeded.</summary>
    /// <param name="message">A text for people.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success(string message) => new() { Success = true, Message = message };

    /// <summary>The command succeeded and produced something.</summary>
    /// <param name="message">A text for people.</param>
    /// <param name="value">What it produced.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success(string message, CommandResultData value) => new() { Success = true, Message = message, Data = value };

    /// <summary>The command succeeded and produced something.</summary>
    /// <param name="message">A text for people.</param>
    /// <param name="result">What it produced.</param>
    /// <param name="resultFormat">The format of that. Default: plain text.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success(string message, string result, CommandResultFormat resultFormat = CommandResultFormat.Text)
        => Success(message, new CommandResultData { Value = result, Format = resultFormat });

    /// <summary>The command succeeded and produced something.</summary>
    /// <param name="message">A text for people.</param>
    /// <param name="result">What it produced.</param>
    /// <param name="resultFormat">The format of that.</param>
    /// <param name="displayImmediately">Whether the dashboard opens it at once.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success(string message, string result, CommandResultFormat resultFormat, bool displayImmediately)
        => Success(message, new CommandResultData { Value = result, Format = resultFormat, DisplayImmediately = displayImmediately });

    /// <summary>The command failed.</summary>
    /// <param name="errorMessage">Why.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };

    /// <summary>The command failed.</summary>
    /// <param name="exception">Why; its message is shown.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);

        return Failure(exception.Message);
    }

    /// <summary>The command failed and produced something.</summary>
    /// <param name="errorMessage">Why.</param>
    /// <param name="value">What it produced.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(string errorMessage, CommandResultData value) => new() { Success = false, Message = errorMessage, Data = value };

    /// <summary>The command failed and produced something.</summary>
    /// <param name="errorMessage">Why.</param>
    /// <param name="result">What it produced.</param>
    /// <param name="resultFormat">The format of that. Default: plain text.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(string errorMessage, string result, CommandResultFormat resultFormat = CommandResultFormat.Text)
        => Failure(errorMessage, new CommandResultData { Value = result, Format = resultFormat });

    /// <summary>The command was given up because somebody asked for that.</summary>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}
