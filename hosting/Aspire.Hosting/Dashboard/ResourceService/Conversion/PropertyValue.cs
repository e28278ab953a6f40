using Google.Protobuf.WellKnownTypes;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>The value of a property, of which the dashboard reads text, numbers and lists; anything else becomes text.</summary>
internal static class PropertyValue
{
    public static Value ToMessage(object? value) => value switch
    {
        null => Value.ForNull(),
        string text => Value.ForString(text),
        int or long or short or byte or uint or float or double => Value.ForNumber(System.Convert.ToDouble(value, null)),
        bool truth => Value.ForString(truth ? "true" : "false"),
        DateTime time => Value.ForString(TimeConversion.ToText(time)),
        IEnumerable<KeyValuePair<string, string>> pairs => Value.ForStruct(ToStruct(pairs)),
        IEnumerable<string> list => Value.ForList([.. list.Select(ToMessage)]),
        IEnumerable<int> list => Value.ForList([.. list.Select(static number => Value.ForNumber(number))]),
        _ => Value.ForString(value.ToString() ?? string.Empty),
    };

    private static Struct ToStruct(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var message = new Struct();
        foreach (var (name, value) in pairs)
        {
            message.Fields[name] = ToMessage(value);
        }

        return message;
    }
}
