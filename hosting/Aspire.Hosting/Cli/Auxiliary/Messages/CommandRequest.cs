using System.Text.Json;

namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Asks for a command.</summary>
/// <param name="ResourceName">The row, or the resource.</param>
/// <param name="CommandName">The command.</param>
/// <param name="Arguments">An object with the arguments by name, or an array with them in their order.</param>
/// <param name="ValidateOnly">Whether the arguments are only checked.</param>
/// <param name="ReturnArgumentInputs">Whether the command's inputs are wanted with the answer.</param>
internal sealed record CommandRequest(string? ResourceName, string? CommandName, JsonElement Arguments = default, bool ValidateOnly = false, bool ReturnArgumentInputs = false);
